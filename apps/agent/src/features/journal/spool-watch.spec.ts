import { describe, expect, it } from 'vitest';
import { MovedClock } from '@scriptmesh/testing';
import { SpoolWatch } from './spool-watch.js';

describe('the watch over the spool', () => {
  it('ends the program within five seconds after the spool was taken away', async () => {
    const clock = new MovedClock();
    const folder = { path: '/spool', isOurs: true };
    const watch = new SpoolWatch(folder, clock);
    await clock.advance(60_000);
    folder.isOurs = false;
    await expect(clock.advance(5_000)).rejects.toMatchObject({ code: 'store/unavailable' });
    watch.stop();
  });
});

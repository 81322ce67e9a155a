import { describe, expect, it } from 'vitest';
import { MovedClock } from '@scriptmesh/testing';
import { within } from './within.js';

describe('within', () => {
  it('gives what the work gives', async () => {
    expect(await within(new MovedClock(), 1500, Promise.resolve('done'))).toBe('done');
  });

  it('gives up when the time is over, and lets a later failure pass', async () => {
    const clock = new MovedClock();
    let fail = (_error: Error): void => {};
    const work = new Promise<string>((_resolve, reject) => (fail = reject));
    const waited = within(clock, 1500, work);
    clock.advance(1500);
    expect(await waited).toBeUndefined();
    fail(new Error('too late'));
    await expect(work).rejects.toThrow('too late');
  });

  it('fails as the work fails', async () => {
    await expect(within(new MovedClock(), 1500, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});

import { MovedClock } from '@scriptmesh/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { someSettings } from '../../test-support/surroundings.js';
import { SweepPace } from './sweep-pace.js';

/** A busy program: its timers go off later than they were due. */
class LateClock extends MovedClock {
  lateMs = 0;
  override monotonicMs(): number {
    return super.monotonicMs() + this.lateMs;
  }
}

describe('the pace of a sweep', () => {
  let clock: LateClock;
  let pace: SweepPace;
  let started: number;
  beforeEach(() => {
    clock = new LateClock();
    pace = new SweepPace(clock, someSettings());
    started = 0;
    void (async () => {
      for (;;) await pace.nextPoll().then(() => (started += 1));
    })();
  });

  it('lets the same number of polls start in every turn, and makes up for no lost time', async () => {
    await clock.advance(0);
    expect(started).toBe(8);
    await clock.advance(5);
    expect(started).toBe(16);
    clock.lateMs += 8;
    await clock.advance(5);
    expect(started).toBe(24);
  });

  it('lets one poll start in a turn that comes late, and all again once the program is free', async () => {
    await clock.advance(0);
    clock.lateMs += 11;
    await clock.advance(5);
    expect(started).toBe(9);
    await clock.advance(5);
    expect(started).toBe(17);
  });
});

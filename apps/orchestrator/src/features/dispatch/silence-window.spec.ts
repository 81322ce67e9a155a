import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, MovedClock, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SilenceWindow } from './silence-window.js';

const SWEEP_MS = 60_000;

describe('the window of silence', () => {
  let db: Database;
  let clock: MovedClock;
  let window: SilenceWindow;

  beforeEach(async () => {
    db = await openTestDatabase();
    clock = new MovedClock();
    window = new SilenceWindow(db, clock);
  });
  afterEach(() => closeTestDatabase(db));

  const sweepAfter = async (ms: number): Promise<number> => {
    await clock.advance(ms);
    return window.countsFromMs();
  };

  it('begins with the program, and stays as long as sweeps come in time', async () => {
    const startMs = clock.nowMs();
    for (let sweep = 0; sweep < 100; sweep += 1) expect(await sweepAfter(SWEEP_MS)).toBe(startMs);
  });

  it('begins anew after a sweep that was held up', async () => {
    await sweepAfter(SWEEP_MS);
    const late = await sweepAfter(3 * 3_600_000);
    expect(late).toBe(clock.nowMs());
    expect(await sweepAfter(SWEEP_MS)).toBe(late);
    expect(await window.peekMs()).toBe(late);
  });

  it.each([86_400_000, -86_400_000])('begins anew when the wall clock jumps by %d ms', async (jumpMs) => {
    await sweepAfter(SWEEP_MS);
    clock.jumpWallClock(jumpMs);
    const expected = clock.nowMs() + SWEEP_MS;
    expect(await sweepAfter(SWEEP_MS)).toBe(expected);
  });

  it('begins anew with a restore of the database, whoever made it', async () => {
    const restoredAtMs = clock.nowMs() + SWEEP_MS;
    const row = { key: 'silence_counts_from', value: String(restoredAtMs) };
    await db.write((trx) => trx.insertInto('meta').values(row).execute());
    expect(await sweepAfter(SWEEP_MS)).toBe(restoredAtMs);
    expect(await sweepAfter(SWEEP_MS)).toBe(restoredAtMs);
  });
});

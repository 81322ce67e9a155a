import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localDay, localDaysBefore, localTimestamp, nextLocalMidnight } from './local-time.js';

const HOUR_MS = 3_600_000;

describe('local time, in Berlin', () => {
  const zoneBefore = process.env['TZ'];
  beforeEach(() => {
    process.env['TZ'] = 'Europe/Berlin';
  });
  afterEach(() => {
    if (zoneBefore === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zoneBefore;
  });

  it('shows the local day and time', () => {
    const late = Date.UTC(2026, 0, 31, 23, 5, 9);
    expect(localTimestamp(late)).toBe('2026-02-01 00:05:09');
    expect(localDay(late - HOUR_MS)).toBe('2026-01-31');
  });

  it.each([
    ['an ordinary day', Date.UTC(2026, 5, 1, 22), 24],
    ['a day that loses an hour', Date.UTC(2026, 2, 28, 23), 23],
    ['a day that has an hour twice', Date.UTC(2026, 9, 24, 22), 25],
  ])('finds the midnight after %s', (_what, midnightMs, hours) => {
    expect(localTimestamp(midnightMs)).toMatch(/00:00:00$/);
    expect(nextLocalMidnight(midnightMs) - midnightMs).toBe(hours * HOUR_MS);
    expect(nextLocalMidnight(midnightMs + 1)).toBe(nextLocalMidnight(midnightMs));
  });

  it('counts days back over the change of the clocks', () => {
    expect(localDaysBefore(Date.UTC(2026, 2, 29, 22, 30), 7)).toBe('2026-03-23');
    expect(localDaysBefore(Date.UTC(2026, 0, 3), 7)).toBe('2025-12-27');
  });
});

import { describe, expect, it } from 'vitest';
import { judgeLiveness } from './liveness.js';

const SPEAKS = { heard: true, everHeard: true, speaksItself: true, sweepIntervalMs: 60_000 };
const POLLED = { ...SPEAKS, speaksItself: false };

describe('judgeLiveness', () => {
  it.each([
    [0, 'online'],
    [30_000, 'online'],
    [30_001, 'suspect'],
    [60_000, 'suspect'],
    [60_001, 'offline'],
  ] as const)('calls an agent that speaks itself and was silent for %i ms %s', (silenceMs, liveness) => {
    expect(judgeLiveness({ ...SPEAKS, silenceMs })).toBe(liveness);
  });

  it.each([
    [90_000, 'online'],
    [90_001, 'suspect'],
    [180_000, 'suspect'],
    [180_001, 'offline'],
  ] as const)('calls an agent that is only polled and was silent for %i ms %s', (silenceMs, liveness) => {
    expect(judgeLiveness({ ...POLLED, silenceMs })).toBe(liveness);
  });

  it('calls an agent that was never heard unknown, however long that is', () => {
    expect(judgeLiveness({ ...SPEAKS, heard: false, everHeard: false, silenceMs: 1e9 })).toBe('unknown');
  });

  it('does not claim that an agent is online which was not heard since the start', () => {
    expect(judgeLiveness({ ...SPEAKS, heard: false, silenceMs: 0 })).toBe('unknown');
    expect(judgeLiveness({ ...SPEAKS, heard: false, silenceMs: 60_001 })).toBe('offline');
  });
});

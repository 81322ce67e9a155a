import { describe, expect, it } from 'vitest';
import { toRunDto } from './runs.mapper.js';
import { aRun } from './test-support/a-run.js';

describe('a run as it is shown', () => {
  it('tells what its agent said after the end', () => {
    const late = { kind: 'result', exitCode: 3, signal: null, killedBy: null, why: null } as const;
    const run = aRun({ state: 'lost', executed: 'unknown', lateResult: { ...late, atMs: 0 } });
    expect(toRunDto(run).lateResult).toEqual({ ...late, at: '1970-01-01T00:00:00.000Z' });
    expect(toRunDto(aRun()).lateResult).toBeNull();
  });

  it('calls no output whole whose end nobody saw', () => {
    const truncated = (state: 'lost' | 'succeeded', executed: 'yes' | 'no' | 'unknown') =>
      toRunDto(aRun({ state, executed })).truncated;
    expect([truncated('lost', 'yes'), truncated('lost', 'unknown')]).toEqual([true, true]);
    expect([truncated('lost', 'no'), truncated('succeeded', 'yes')]).toEqual([false, false]);
  });

  it('puts the code of its reason first', () => {
    const rejected = aRun({ state: 'rejected', executed: 'no', reasonCode: 'run/start-failed', reason: 'no shell' });
    expect(toRunDto(rejected).reason).toBe('run/start-failed: no shell');
  });
});

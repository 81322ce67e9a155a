import type { RunId } from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { aRun, NOW_MS } from '../test-support/a-run.js';
import { hasRetryLeft, isSafeToRepeat, nextAttempt, waitAfterAttemptMs } from './automatic-retry.js';
import type { Run } from './run.js';

const NEXT = '019b7600-0000-7000-8000-0000000000ff' as RunId;
const failed = (overrides: Partial<Run> = {}): Run =>
  aRun({ state: 'failed', executed: 'yes', exitCode: 1, retries: 2, finishedAtMs: NOW_MS, ...overrides });

describe('whether a run has a retry left', () => {
  it.each<[string, Partial<Run>, boolean]>([
    ['failed', {}, true],
    ['timed out', { state: 'timed_out' }, true],
    ['lost', { state: 'lost', executed: 'unknown' }, true],
    ['rejected', { state: 'rejected', executed: 'no', reasonCode: 'run/start-failed' }, true],
    ['rejected for its parameters', { state: 'rejected', executed: 'no', reasonCode: 'params/invalid' }, false],
    ['succeeded', { state: 'succeeded' }, false],
    ['cancelled', { state: 'cancelled' }, false],
    ['failed after somebody wished its end', { cancelRequested: true }, false],
    ['expired', { state: 'expired', executed: 'no' }, false],
    ['live', { state: 'running', executed: null }, false],
    ['the last attempt', { attempt: 3 }, false],
    ['the last but one', { attempt: 2 }, true],
    ['asked for without retries', { retries: 0 }, false],
  ])('%s: %#', (_what, overrides, expected) => {
    expect(hasRetryLeft(failed(overrides))).toBe(expected);
  });

  it.each([
    ['yes', false, false],
    ['unknown', false, false],
    ['no', false, true],
    ['yes', true, true],
    ['unknown', true, true],
  ] as const)('executed = %s, idempotent %s: safe %s', (executed, isIdempotent, expected) => {
    expect(isSafeToRepeat(failed({ executed }), isIdempotent)).toBe(expected);
  });
});

describe('the next attempt', () => {
  it('waits twice as long each time, up to 5 minutes, and up to a fifth more', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 11].map((n) => waitAfterAttemptMs(n, 0) / 1000)).toEqual([
      5, 10, 20, 40, 80, 160, 300, 300, 300,
    ]);
    expect(waitAfterAttemptMs(1, 1)).toBe(6000);
  });

  it('is the same request with the same time to be delivered, counted from when it may leave', () => {
    const run = failed({ params: { a: 1 }, timeoutMs: 9000 });
    const second = nextAttempt(run, NEXT, NOW_MS);
    expect(second).toMatchObject({ state: 'queued', params: { a: 1 }, timeoutMs: 9000, principal: run.principal });
    expect(second).toMatchObject({ retryOf: run.id, attempt: 2, retries: 2, notBeforeMs: NOW_MS + 6000 });
    expect(second.deliverByMs - NOW_MS - 6000).toBe(run.deliverByMs - run.createdAtMs);
    const third = nextAttempt({ ...second, state: 'failed' }, NEXT, NOW_MS);
    expect(third.deliverByMs - (third.notBeforeMs ?? 0)).toBe(run.deliverByMs - run.createdAtMs);
  });
});

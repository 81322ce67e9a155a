import type { JournalId, RunState } from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { aMessage, aRun, NOW_MS } from '../test-support/a-run.js';
import { cancelRun, isCancelling } from './cancel.js';
import { unclaimRun } from './claim.js';
import { judgeAbsent, judgeAccepted, judgeNever } from './evidence.js';
import { judgeResult } from './judge-output.js';
import { unmoved } from './run-progress.js';

const RESULT_FACTS = { nowMs: NOW_MS, checks: { stdout: 'complete', stderr: 'complete' }, askedBefore: false } as const;
const cancelled = (state: RunState) => cancelRun(aRun({ state, offers: 9 }), 'wrong host', NOW_MS).run;

describe('a wish to cancel', () => {
  it('ends a run that waits in the queue at once', () => {
    const { run, moves } = cancelRun(aRun(), 'wrong host', NOW_MS);
    expect(run).toMatchObject({
      state: 'cancelled',
      executed: 'no',
      cancelRequested: true,
      finishedAtMs: NOW_MS,
      reason: 'cancelled before it was started: wrong host',
    });
    expect(moves).toHaveLength(1);
    expect(isCancelling(run)).toBe(false);
  });

  it.each(['dispatched', 'running'] as const)(
    'leaves a %s run to its agent, and makes the first cancel due',
    (state) => {
      const { run, moves } = cancelRun(aRun({ state, offers: 9 }), null, NOW_MS);
      expect(run).toMatchObject({ state, cancelRequested: true, nextOfferAtMs: NOW_MS, offers: 1 });
      expect(moves).toEqual([]);
      expect(isCancelling(run)).toBe(true);
    },
  );

  it('changes nothing the second time', () => {
    const run = cancelled('running');
    expect(cancelRun(run, 'another reason', NOW_MS + 1).run).toBe(run);
  });

  it.each(['succeeded', 'failed', 'cancelled', 'lost'] as const)('is refused for a run that is %s', (state) => {
    expect(() => cancelRun(aRun({ state }), null, NOW_MS)).toThrow(
      expect.objectContaining({ code: 'run/already-final' }),
    );
  });

  it('is refused for a run in the hands of a 0.2 agent', () => {
    const run = aRun({ state: 'dispatched', journalId: null as JournalId | null });
    expect(() => cancelRun(run, null, NOW_MS)).toThrow(expect.objectContaining({ code: 'run/wrong-state' }));
  });
});

describe('what becomes of a run that was cancelled', () => {
  it('is cancelled, not executed, when its agent has fenced it', () => {
    const { run } = judgeNever(cancelled('dispatched'), aMessage('never'), NOW_MS);
    expect(run).toMatchObject({
      state: 'cancelled',
      executed: 'no',
      reason: 'cancelled before it was started: wrong host',
    });
  });

  it('is cancelled, not executed, when it is proved that its only offer has not arrived', () => {
    const { run } = unclaimRun(unmoved(cancelled('dispatched')), NOW_MS);
    expect(run).toMatchObject({ state: 'cancelled', executed: 'no', inDoubt: 0 });
  });

  it('waits on while another offer may have arrived', () => {
    const { run } = unclaimRun(unmoved({ ...cancelled('dispatched'), inDoubt: 2 }), NOW_MS);
    expect(run).toMatchObject({ state: 'dispatched', inDoubt: 1 });
  });

  it('is cancelled, executed, when the agent killed it for that', () => {
    const result = aMessage('result', { code: null, signal: 'SIGTERM', killedBy: 'cancelled' });
    const { run } = judgeResult(cancelled('running'), result, RESULT_FACTS);
    expect(run).toMatchObject({
      state: 'cancelled',
      executed: 'yes',
      signal: 'SIGTERM',
      reason: 'cancelled while it was running: wrong host',
    });
  });

  it('keeps the real result when it ended first', () => {
    const { run } = judgeResult(cancelled('running'), aMessage('result'), RESULT_FACTS);
    expect(run).toMatchObject({ state: 'succeeded', executed: 'yes', exitCode: 0, cancelRequested: true });
  });

  it.each([
    [
      'an acceptance of an offer that was on its way',
      () => judgeAccepted(cancelled('dispatched'), aMessage('accepted'), NOW_MS),
    ],
    ['no record of it', () => judgeAbsent(cancelled('dispatched'), aMessage('absent'), NOW_MS)],
  ])('is told of again after %s', (_what, judge) => {
    const { run } = judge();
    expect(isCancelling(run)).toBe(true);
    expect(run.nextOfferAtMs ?? 0).toBeLessThanOrEqual(NOW_MS);
  });
});

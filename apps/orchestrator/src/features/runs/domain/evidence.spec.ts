import { isFinalState, LIVE_STATES, RUN_STATES } from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { aMessage, aRun, NOW_MS } from '../test-support/a-run.js';
import {
  judgeAbsent,
  judgeAccepted,
  judgeLost,
  judgeNever,
  judgeRefused,
  judgeSpawnFailed,
  type Judgement,
} from './evidence.js';
import { isLegalMove } from './run-state.js';
import type { Run } from './run.js';

const JUDGES: readonly [string, (run: Run) => Judgement][] = [
  ['accepted', (run) => judgeAccepted(run, aMessage('accepted'), NOW_MS)],
  ['never', (run) => judgeNever(run, aMessage('never'), NOW_MS)],
  ['never below the floor', (run) => judgeNever(run, aMessage('never', { belowFloor: true }), NOW_MS)],
  ['refused', (run) => judgeRefused(run, aMessage('refused'), NOW_MS)],
  ['stale', (run) => judgeRefused(run, aMessage('refused', { code: 'run/stale' }), NOW_MS)],
  [
    'stale below the floor',
    (run) => judgeRefused(run, aMessage('refused', { code: 'run/stale', belowFloor: true }), NOW_MS),
  ],
  ['absent', (run) => judgeAbsent(run, aMessage('absent'), NOW_MS)],
  ['spawnFailed', (run) => judgeSpawnFailed(run, aMessage('spawnFailed'), NOW_MS)],
  ['lost', (run) => judgeLost(run, aMessage('lost'), NOW_MS)],
  ['lost before the start', (run) => judgeLost(run, aMessage('lost', { started: false }), NOW_MS)],
];
const FLAGS = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  cancelRequested: (bits & 1) > 0,
  restored: (bits & 2) > 0,
  started: (bits & 4) > 0,
}));
const endOf = ({ run }: Judgement) => [run.state, run.executed];

describe('any message in any state', () => {
  it.each(JUDGES)('%s takes legal arrows only and joins them without a gap', (_name, judge) => {
    for (const state of LIVE_STATES) {
      for (const flags of FLAGS) {
        const run = aRun({ state, ...flags, started: flags.started && state === 'running' });
        const { moves, run: after } = judge(run);
        let at: string = run.state;
        for (const { from, to, executed } of moves) {
          expect(from).toBe(at);
          expect(isLegalMove(from, to, executed)).toBe(true);
          at = to;
        }
        expect(after.state).toBe(at);
      }
    }
  });

  it.each(JUDGES)('%s leaves state, executed and exit code of a final run as they are', (_name, judge) => {
    for (const state of RUN_STATES.filter(isFinalState)) {
      const run = aRun({ state, executed: 'unknown', exitCode: 7 });
      const { run: after, moves } = judge(run);
      expect([after.state, after.executed, after.exitCode, moves]).toEqual([state, 'unknown', 7, []]);
    }
  });

  it.each(JUDGES)('%s said twice is the same as once', (_name, judge) => {
    for (const state of LIVE_STATES) {
      const once = judge(aRun({ state })).run;
      const twice = judge(once);
      expect(twice.moves).toEqual([]);
      expect(twice.run.state).toBe(once.state);
    }
  });
});

describe('evidence of an intent', () => {
  it('writes running first, then the end, as two moves', () => {
    const { moves } = judgeSpawnFailed(aRun({ state: 'dispatched' }), aMessage('spawnFailed'), NOW_MS);
    expect(moves.map(({ to, executed }) => [to, executed])).toEqual([
      ['running', null],
      ['rejected', 'no'],
    ]);
  });

  it('passes dispatched when the offer was thought not to have arrived', () => {
    const { moves, run } = judgeAccepted(aRun(), aMessage('accepted'), NOW_MS);
    expect(moves.map(({ to }) => to)).toEqual(['dispatched', 'running']);
    expect(run.inDoubt).toBe(1);
  });

  it('puts no start on record by an acceptance alone', () => {
    expect(judgeAccepted(aRun({ state: 'dispatched' }), aMessage('accepted'), NOW_MS).run.started).toBe(false);
  });

  it('keeps no time of a start for a script that was never started', () => {
    expect(judgeSpawnFailed(aRun({ state: 'dispatched' }), aMessage('spawnFailed'), NOW_MS).run.startedAtMs).toBeNull();
  });
});

describe('a fence', () => {
  it.each([
    [{}, {}, ['expired', 'no']],
    [{ cancelRequested: true }, {}, ['cancelled', 'no']],
    [{ restored: true }, { belowFloor: true }, ['lost', 'unknown']],
    [{}, { belowFloor: true }, ['expired', 'no']],
  ])('never, run %j, message %j: %j', (run, message, end) => {
    expect(endOf(judgeNever(aRun({ state: 'dispatched', ...run }), aMessage('never', message), NOW_MS))).toEqual(end);
  });

  it.each([
    [{}, {}, ['rejected', 'no']],
    [{}, { code: 'run/stale' }, ['expired', 'no']],
    [{}, { code: 'run/stale', belowFloor: true }, ['rejected', 'no']],
    [{ restored: true }, { code: 'run/stale', belowFloor: true }, ['lost', 'unknown']],
  ])('refused, run %j, message %j: %j', (run, message, end) => {
    expect(endOf(judgeRefused(aRun({ state: 'dispatched', ...run }), aMessage('refused', message), NOW_MS))).toEqual(
      end,
    );
  });

  it('changes nothing of a run that the agent had accepted, and alarms', () => {
    const run = aRun({ state: 'running' });
    const judged = judgeNever(run, aMessage('never'), NOW_MS);
    expect(judged.run).toBe(run);
    expect(judged.alarm).toMatch(/never started/);
  });
});

describe('absent', () => {
  it('loses a running run only when it was asked about while it ran', () => {
    const run = aRun({ state: 'running' });
    expect(endOf(judgeAbsent(run, aMessage('absent'), NOW_MS))).toEqual(['lost', 'unknown']);
    expect(judgeAbsent(run, aMessage('absent', { askedWhile: 'dispatched' }), NOW_MS).run).toBe(run);
  });

  it('loses with executed = yes when a start is on record', () => {
    expect(endOf(judgeAbsent(aRun({ state: 'running', started: true }), aMessage('absent'), NOW_MS))).toEqual([
      'lost',
      'yes',
    ]);
  });

  it('says nothing from another journal', () => {
    const run = aRun({ state: 'running' });
    expect(judgeAbsent(run, aMessage('absent', { journalId: 'f'.repeat(32) }), NOW_MS).run).toBe(run);
  });

  it('makes a dispatched run be offered again at once', () => {
    expect(judgeAbsent(aRun({ state: 'dispatched' }), aMessage('absent'), NOW_MS).run.nextOfferAtMs).toBe(NOW_MS);
  });
});

describe('evidence after the end', () => {
  it('is kept once beside a lost run and acknowledged', () => {
    const judged = judgeLost(aRun({ state: 'cancelled', executed: 'no' }), aMessage('lost'), NOW_MS);
    expect(judged.run.lateResult).toMatchObject({ kind: 'lost', why: 'the node was restarted' });
    expect(judged.replies).toEqual([{ kind: 'ackResult' }]);
    expect(judgeLost(judged.run, aMessage('lost'), NOW_MS + 1).run).toBe(judged.run);
  });

  it('alarms when it tells of a start that was denied', () => {
    expect(judgeAccepted(aRun({ state: 'expired', executed: 'no' }), aMessage('accepted'), NOW_MS).alarm).toMatch(
      /start/,
    );
  });
});

import { EXECUTED, RUN_STATES, type Executed, type RunState } from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { aRun } from '../test-support/a-run.js';
import { moveRun, unmoved } from './run-progress.js';
import { isLegalMove } from './run-state.js';

/** Section 4 of the design, written out once more by hand, so that a slip in the table shows. */
const DESIGN = [
  'queued>dispatched:null',
  'queued>cancelled:no',
  'queued>expired:no',
  'dispatched>running:null',
  'dispatched>queued:null',
  'dispatched>rejected:no',
  'dispatched>cancelled:no',
  'dispatched>expired:no',
  'dispatched>lost:unknown',
  'running>succeeded:yes',
  'running>failed:yes',
  'running>timed_out:yes',
  'running>cancelled:yes',
  'running>lost:yes',
  'running>lost:unknown',
  'running>rejected:no',
];
const ALL: readonly [RunState, RunState, Executed | null][] = RUN_STATES.flatMap((from) =>
  RUN_STATES.flatMap((to) =>
    [null, ...EXECUTED].map((executed) => [from, to, executed] as [RunState, RunState, Executed | null]),
  ),
);

describe('the transition table', () => {
  it('has the arrows of the design and no others', () => {
    const legal = ALL.filter((arrow) => isLegalMove(...arrow)).map(
      ([from, to, executed]) => `${from}>${to}:${executed}`,
    );
    expect(legal.toSorted()).toEqual(DESIGN.toSorted());
  });

  it('is kept by every move: what it lacks throws', () => {
    for (const [from, to, executed] of ALL) {
      const move = () => moveRun(unmoved(aRun({ state: from })), to, executed);
      if (isLegalMove(from, to, executed)) expect(move().run).toMatchObject({ state: to, executed });
      else expect(move).toThrow(/cannot go from/);
    }
  });
});

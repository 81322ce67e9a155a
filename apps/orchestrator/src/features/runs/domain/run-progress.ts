import {
  isFinalState,
  type ErrorCode,
  type Executed,
  type FinalState,
  type LossCause,
  type RunCause,
  type RunState,
} from '@scriptmesh/contracts';
import { isLegalMove } from './run-state.js';
import type { Run } from './run.js';

/** One arrow of the transition table that a run has taken; becomes one row of the audit. */
export interface Move {
  readonly from: RunState;
  readonly to: RunState;
  readonly executed: Executed | null;
  readonly reasonCode: ErrorCode | null;
  /** null until whoever applies the move says what moved the run; then only where the arrow alone tells. */
  readonly cause: RunCause | null;
}

/** A run after some changes that are not written yet, with the arrows it took on the way. */
export interface Progress {
  readonly run: Run;
  readonly moves: readonly Move[];
}

export type RunPatch = Partial<Omit<Run, 'id' | 'agentId' | 'state' | 'executed' | 'rev'>>;

export interface RunEnd extends RunPatch {
  readonly cause?: RunCause;
  readonly state: FinalState;
  readonly executed: Executed;
  readonly finishedAtMs: number;
}

/** What an arrow means when nobody says more. */
const OF_THE_ARROW: Partial<Record<RunState, RunCause>> = {
  queued: 'not-sent',
  dispatched: 'sent',
  cancelled: 'cancel',
  expired: 'deliver-by',
};

export const causeOf = ({ cause, to }: Move): RunCause | null => cause ?? OF_THE_ARROW[to] ?? null;

/** The message or decision behind the moves; a move that knows its own cause, or had one before, keeps it. */
export const withCause = (moves: readonly Move[], cause: RunCause): readonly Move[] =>
  moves.map((move) => ({ ...move, cause: move.cause ?? cause }));

export const unmoved = (run: Run): Progress => ({ run, moves: [] });

export const patchRun = ({ run, moves }: Progress, patch: RunPatch): Progress => ({ run: { ...run, ...patch }, moves });

/** @throws Error when the table has no such arrow: the caller decided wrongly */
export function moveRun(
  progress: Progress,
  to: RunState,
  executed: Executed | null,
  patch: RunPatch = {},
  cause: RunCause | null = null,
): Progress {
  const { run, moves } = progress;
  if (!isLegalMove(run.state, to, executed)) {
    throw new Error(`run ${run.id} cannot go from ${run.state} to ${to} with executed = ${executed}`);
  }
  const moved: Run = { ...run, ...patch, state: to, executed };
  return { run: moved, moves: [...moves, { from: run.state, to, executed, reasonCode: moved.reasonCode, cause }] };
}

export function endRun(progress: Progress, { state, executed, cause, ...patch }: RunEnd): Progress {
  return moveRun(progress, state, executed, { nextOfferAtMs: null, ...patch }, cause);
}

/** Nobody knows what became of it; `executed` says yes only when a start is on record. */
export function loseRun(progress: Progress, finishedAtMs: number, reason: string, cause: LossCause): Progress {
  const executed = progress.run.state === 'running' && progress.run.started ? 'yes' : 'unknown';
  return endRun(progress, { state: 'lost', executed, finishedAtMs, reason, cause });
}

/**
 * Writes down that the agent holds an intent for this run: `running` comes first, whatever follows. An offer whose
 * refusal was taken for proof may turn out to have arrived after all; then the run passes `dispatched` on its way.
 */
export function proveIntent(progress: Progress, atMs: number, started: boolean): Progress {
  const { run } = progress;
  if (isFinalState(run.state)) return progress;
  const dispatched = proveOffer(progress);
  const running =
    dispatched.run.state === 'running'
      ? dispatched
      : moveRun(dispatched, 'running', null, { startedAtMs: atMs, nextOfferAtMs: null });
  return started && !running.run.started ? patchRun(running, { started: true }) : running;
}

/** An answer to an offer shows that one has arrived, whatever was thought to be proved. */
export function proveOffer(progress: Progress): Progress {
  if (progress.run.state !== 'queued') return progress;
  return moveRun(progress, 'dispatched', null, { inDoubt: Math.max(1, progress.run.inDoubt) });
}

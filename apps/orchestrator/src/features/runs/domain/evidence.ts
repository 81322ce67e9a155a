/**
 * What a message of an agent means for a run: pure functions from (run, message) to what is to be written and said.
 * They take any message in any state, since networks repeat, delay and reorder; they never throw and never touch a
 * final state. Output and results, which depend on stored bytes, have files of their own.
 */
import { isFinalState, isLossCause, type FromAgentHeader, type Of } from '@scriptmesh/contracts';
import { cancelUnstarted } from './cancel.js';
import { endRun, loseRun, patchRun, proveIntent, proveOffer, unmoved, type Progress } from './run-progress.js';
import type { LateResult, Run } from './run.js';

export const EVIDENCE_KINDS = [
  'accepted',
  'refused',
  'never',
  'absent',
  'chunk',
  'result',
  'spawnFailed',
  'lost',
] as const;
export type Evidence = Header<(typeof EVIDENCE_KINDS)[number]>;
export type Header<Kind extends FromAgentHeader['kind']> = Of<FromAgentHeader, Kind>;
/** What is said to the agent once the change is durable. */
export type Reply =
  | { readonly kind: 'ackOutput'; readonly stream: 'stdout' | 'stderr'; readonly offset: number }
  | { readonly kind: 'ackResult' };

export interface Judgement extends Progress {
  readonly replies: readonly Reply[];
  /** Something that a correct agent does not do, or that a person should look at. */
  readonly alarm?: string;
}

const saying = (progress: Progress, ...replies: readonly Reply[]): Judgement => ({ ...progress, replies });
const ACK_RESULT: Reply = { kind: 'ackResult' };

export function judgeAccepted(run: Run, header: Header<'accepted'>, nowMs: number): Judgement {
  if (isFinalState(run.state)) return alarmIfDenied(run, saying(unmoved(run)));
  const { timeoutMs: effectiveTimeoutMs, scriptSha } = header;
  const running = proveIntent(unmoved(run), nowMs, false);
  const isKnown = run.effectiveTimeoutMs === effectiveTimeoutMs && run.scriptSha === scriptSha;
  return saying(isKnown ? running : patchRun(running, { effectiveTimeoutMs, scriptSha }));
}

/** A fence stands: the agent has not started this run and never will. */
export function judgeNever(run: Run, { belowFloor }: Header<'never'>, nowMs: number): Judgement {
  return judgeFence(run, belowFloor, nowMs, (progress) => {
    if (run.cancelRequested) return cancelUnstarted(progress, nowMs);
    return endRun(progress, { state: 'expired', executed: 'no', finishedAtMs: nowMs, reason: 'not delivered in time' });
  });
}

export function judgeRefused(run: Run, header: Header<'refused'>, nowMs: number): Judgement {
  const { code: reasonCode, why: reason, belowFloor } = header;
  return judgeFence(run, belowFloor, nowMs, (progress) => {
    const state = reasonCode === 'run/stale' && !belowFloor ? 'expired' : 'rejected';
    return endRun(progress, { state, executed: 'no', finishedAtMs: nowMs, reasonCode, reason });
  });
}

function judgeFence(run: Run, belowFloor: boolean, nowMs: number, end: (p: Progress) => Progress): Judgement {
  if (isFinalState(run.state)) return saying(unmoved(run));
  if (run.state === 'running') {
    return { ...saying(unmoved(run)), alarm: 'the agent says that it never started a run which it had accepted' };
  }
  const offered = proveOffer(unmoved(run));
  if (!belowFloor || !run.restored) return saying(end(offered));
  return saying(
    loseRun(offered, nowMs, 'the run is older than what the journal of the agent reaches back to', 'below-floor'),
  );
}

/** The answer to an ask: no record of the run. It decides only what was asked while the run was running. */
export function judgeAbsent(run: Run, header: Header<'absent'>, nowMs: number): Judgement {
  if (isFinalState(run.state) || header.journalId === null || header.journalId !== run.journalId) {
    return saying(unmoved(run));
  }
  if (run.state === 'dispatched') return saying(patchRun(unmoved(run), { nextOfferAtMs: nowMs }));
  if (run.state !== 'running' || header.askedWhile !== 'running') return saying(unmoved(run));
  const lost = loseRun(unmoved(run), nowMs, 'the agent has no record of a run that it had accepted', 'no-record');
  return { ...saying(lost), alarm: 'the journal of the agent lacks a run that it had accepted' };
}

export function judgeSpawnFailed(run: Run, header: Header<'spawnFailed'>, nowMs: number): Judgement {
  const { code: reasonCode, why: reason } = header;
  if (isFinalState(run.state)) return withLateResult(run, lateOf(header, nowMs));
  if (run.started) {
    const lost = loseRun(unmoved(run), nowMs, reason, 'contradiction');
    return { ...saying(lost, ACK_RESULT), alarm: 'the agent says that a run which had output was not started' };
  }
  const running = proveIntent(unmoved(run), nowMs, false);
  const end = {
    state: 'rejected',
    executed: 'no',
    startedAtMs: null,
    finishedAtMs: nowMs,
    reasonCode,
    reason,
  } as const;
  const rejected = endRun(running, end);
  return saying(rejected, ACK_RESULT);
}

export function judgeLost(run: Run, header: Header<'lost'>, nowMs: number): Judgement {
  if (isFinalState(run.state)) return withLateResult(run, lateOf(header, nowMs));
  const cause = isLossCause(header.cause) ? header.cause : 'agent-said';
  return saying(loseRun(proveIntent(unmoved(run), nowMs, header.started), nowMs, header.why, cause), ACK_RESULT);
}

/** Evidence after the end is kept beside the run and acknowledged, so that the agent can let go of it. */
export function withLateResult(run: Run, late: LateResult): Judgement {
  const isNews = run.lateResult === null && saysMore(run, late);
  const judged = saying(isNews ? patchRun(unmoved(run), { lateResult: late }) : unmoved(run), ACK_RESULT);
  return late.kind === 'spawnFailed' ? judged : alarmIfDenied(run, judged);
}

export function lateOf(header: Header<'result' | 'spawnFailed' | 'lost'>, atMs: number): LateResult {
  const nothing = { kind: header.kind, atMs, exitCode: null, signal: null, killedBy: null, why: null };
  if (header.kind !== 'result') return { ...nothing, why: header.why };
  return { ...nothing, exitCode: header.code, signal: header.signal, killedBy: header.killedBy };
}

/** The agent repeats an end until it is acknowledged; only what contradicts or adds to the row is news. */
function saysMore(run: Run, late: LateResult): boolean {
  if (late.kind === 'lost') return run.state !== 'lost' && run.executed === 'no';
  if (late.kind === 'spawnFailed') return run.state !== 'rejected';
  return run.executed !== 'yes' || run.state === 'lost';
}

function alarmIfDenied(run: Run, judgement: Judgement): Judgement {
  if (run.executed !== 'no' || run.state === 'rejected') return judgement;
  return { ...judgement, alarm: `the agent speaks of a start although the run is ${run.state}, not executed` };
}

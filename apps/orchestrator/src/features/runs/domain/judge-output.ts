import { isFinalState, STREAMS, type PerStream, type Stream } from '@scriptmesh/contracts';
import { cancelReason } from './cancel.js';
import { lateOf, withLateResult, type Header, type Judgement, type Reply } from './evidence.js';
import { endRun, patchRun, proveIntent, unmoved } from './run-progress.js';
import type { Run } from './run.js';

/** The part of a chunk that is new: bytes from `skip` on belong at `offset`; `kept` of them are to be stored. */
export interface FreshOutput {
  readonly stream: Stream;
  readonly offset: number;
  readonly skip: number;
  readonly kept: number;
}

export interface OutputJudgement extends Judgement {
  readonly fresh?: FreshOutput;
}

/** How the stored bytes of a stream compare with what the agent says of it. */
export type StreamCheck = 'complete' | 'missing' | 'differs' | 'capped';

export interface ResultFacts {
  readonly nowMs: number;
  readonly checks: PerStream<StreamCheck>;
  /** The agent was told before to go back and send what is missing, and this is its next word. */
  readonly askedBefore: boolean;
}

export interface ResultJudgement extends Judgement {
  /** Stored bytes that are not the agent's: to be deleted, so that they can be sent again. */
  readonly discard: readonly Stream[];
}

/** @param storedMax bytes of one stream that may be stored; what comes beyond is acknowledged and counted */
export function judgeChunk(
  run: Run,
  { stream, offset }: Pick<Header<'chunk'>, 'stream' | 'offset'>,
  size: number,
  { nowMs, storedMax }: { readonly nowMs: number; readonly storedMax: number },
): OutputJudgement {
  // The end is final: its agent need not keep the rest, and nothing is acknowledged that is not stored.
  if (isFinalState(run.state)) return { ...unmoved(run), replies: [{ kind: 'ackResult' }] };
  const running = proveIntent(unmoved(run), nowMs, true);
  const at = running.run.acked[stream];
  const skip = at - offset;
  if (skip < 0 || skip >= size) return { ...running, replies: [{ kind: 'ackOutput', stream, offset: at }] };
  const end = offset + size;
  const kept = Math.max(0, Math.min(end, storedMax) - at);
  const dropped = end - at - kept;
  const patched = patchRun(running, {
    acked: { ...running.run.acked, [stream]: end },
    truncated: running.run.truncated || dropped > 0,
    droppedBytes: running.run.droppedBytes + dropped,
  });
  return {
    ...patched,
    replies: [{ kind: 'ackOutput', stream, offset: end }],
    ...(kept > 0 ? { fresh: { stream, offset: at, skip, kept } } : {}),
  };
}

/**
 * A result is the end only when all bytes are here and are the right ones, or when the agent says that they can no
 * longer all come. Else the agent is told how far we are, and goes back to there.
 */
export function judgeResult(run: Run, header: Header<'result'>, facts: ResultFacts): ResultJudgement {
  if (isFinalState(run.state)) return { ...withLateResult(run, lateOf(header, facts.nowMs)), discard: [] };
  const isComplete = STREAMS.every((stream) => isThere(facts.checks[stream]));
  if (!isComplete && mayStillCome(header, facts)) return goBack(run, facts);
  const startedAtMs = Math.max(run.dispatchedAtMs ?? run.createdAtMs, facts.nowMs - header.durationMs);
  const running = proveIntent(unmoved(run), startedAtMs, true);
  const ended = endRun(running, {
    ...endOf(run, header),
    executed: 'yes',
    finishedAtMs: facts.nowMs,
    exitCode: header.code,
    signal: header.signal,
    killedBy: header.killedBy,
    truncated: running.run.truncated || header.truncated || !isComplete,
    droppedBytes: running.run.droppedBytes + header.dropped.stdout + header.dropped.stderr,
  });
  const alarm = isComplete || header.truncated ? {} : { alarm: 'the output does not match the checksum of the agent' };
  return { ...ended, replies: [{ kind: 'ackResult' }], discard: [], ...alarm };
}

/** The missing bytes are worth another round: the first time always, later as long as the agent says that it has them. */
function mayStillCome(header: Header<'result'>, { checks, askedBefore }: ResultFacts): boolean {
  if (!askedBefore && !isGone(header, checks)) return true;
  return !header.truncated && STREAMS.some((stream) => checks[stream] === 'missing');
}

const isThere = (check: StreamCheck): boolean => check === 'complete' || check === 'capped';

/** The agent dropped nothing itself and yet says truncated: then it has deleted or lost what it kept. */
const isGone = ({ truncated, dropped }: Header<'result'>, checks: PerStream<StreamCheck>): boolean =>
  truncated && dropped.stdout + dropped.stderr === 0 && STREAMS.every((stream) => checks[stream] !== 'differs');

function goBack(run: Run, { nowMs, checks }: ResultFacts): ResultJudgement {
  const running = proveIntent(unmoved(run), nowMs, true);
  const discard = STREAMS.filter((stream) => checks[stream] === 'differs');
  const acked = { ...running.run.acked };
  for (const stream of discard) acked[stream] = 0;
  const replies = STREAMS.map((stream): Reply => ({ kind: 'ackOutput', stream, offset: acked[stream] }));
  const progress = discard.length > 0 ? patchRun(running, { acked }) : running;
  const alarm =
    discard.length > 0 ? { alarm: 'stored output differs from what the agent has; it is fetched again' } : {};
  return { ...progress, replies, discard, ...alarm };
}

/** `killedBy` is the first durable reason, so it is asked before the exit code. */
function endOf(
  { cancelWhy }: Run,
  { code, signal, killedBy, durationMs }: Header<'result'>,
): {
  readonly state: 'succeeded' | 'failed' | 'timed_out' | 'cancelled';
  readonly reason: string | null;
} {
  if (killedBy === 'timed_out') return { state: 'timed_out', reason: `stopped by its timeout after ${durationMs} ms` };
  if (killedBy === 'cancelled') return { state: 'cancelled', reason: cancelReason('while it was running', cancelWhy) };
  if (code === 0) return { state: 'succeeded', reason: null };
  return { state: 'failed', reason: signal === null ? `exit code ${code ?? 'unknown'}` : `ended by ${signal}` };
}

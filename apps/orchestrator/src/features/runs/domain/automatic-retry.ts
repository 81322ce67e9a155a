import { isFinalState, type ErrorCode, type RunId } from '@scriptmesh/contracts';
import { queuedRun, type Run } from './run.js';

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 300_000;
/** Of the wait, so that runs that failed together do not come back together. */
const SPREAD = 0.2;

/** The same request will be refused for the same reason. */
const HOPELESS: readonly ErrorCode[] = ['params/invalid'];

/** A run with retries left that did not succeed, and that nobody wanted to end. */
export const hasRetryLeft = (run: Run): boolean =>
  run.attempt <= run.retries && isFinalState(run.state) && !run.cancelRequested && mayHelp(run);

/** An expired run was not wanted any later; one that was cancelled, not at all. */
function mayHelp({ state, reasonCode }: Run): boolean {
  if (state === 'rejected') return reasonCode === null || !HOPELESS.includes(reasonCode);
  return state === 'failed' || state === 'timed_out' || state === 'lost';
}

/** Nothing was executed; otherwise running it again has to do no harm. */
export const isSafeToRepeat = ({ executed }: Run, isIdempotent: boolean): boolean => executed === 'no' || isIdempotent;

/**
 * How long the run after the n-th attempt waits: 5, 10, 20 ... 300 s, and up to a fifth more.
 * @param share 0 to 1, of the spread
 */
export const waitAfterAttemptMs = (attempt: number, share: number): number =>
  Math.round(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)) * (1 + SPREAD * share));

/** The run that tries `run` again: the same request by the same principal, with the same time to be delivered. */
export function nextAttempt(run: Run, id: RunId, nowMs: number): Run {
  const notBeforeMs = nowMs + waitAfterAttemptMs(run.attempt, shareOf(id));
  return queuedRun({
    id,
    agentId: run.agentId,
    agentName: run.agentName,
    script: run.script,
    params: run.params,
    principal: run.principal,
    origin: run.origin,
    createdAtMs: nowMs,
    deliverByMs: notBeforeMs + (run.deliverByMs - (run.notBeforeMs ?? run.createdAtMs)),
    timeoutMs: run.timeoutMs,
    retryOf: run.id,
    retries: run.retries,
    attempt: run.attempt + 1,
    notBeforeMs,
    traceparent: run.traceparent,
  });
}

/** The last byte of an id is random. */
const shareOf = (id: RunId): number => Number.parseInt(id.slice(-2), 16) / 255;

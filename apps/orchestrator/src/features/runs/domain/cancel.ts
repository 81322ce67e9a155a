import { isFinalState, MeshError } from '@scriptmesh/contracts';
import { endRun, patchRun, unmoved, type Progress } from './run-progress.js';
import type { Run } from './run.js';

export const cancelReason = (when: string, why: string | null): string =>
  `cancelled ${when}${why === null ? '' : `: ${why}`}`;

/** It is proved that the run was not started and never will be. */
export const cancelUnstarted = (progress: Progress, finishedAtMs: number): Progress =>
  endRun(progress, {
    state: 'cancelled',
    executed: 'no',
    finishedAtMs,
    reason: cancelReason('before it was started', progress.run.cancelWhy),
  });

/**
 * What a wish to cancel makes of a run: one that waits in the queue ends at once, of any other the agent decides. A
 * second wish changes nothing.
 * @throws MeshError run/already-final, run/wrong-state
 */
export function cancelRun(run: Run, why: string | null, nowMs: number): Progress {
  if (isFinalState(run.state)) {
    throw new MeshError('run/already-final', `run ${run.id} is ${run.state}; there is nothing left to cancel`);
  }
  if (run.cancelRequested) return unmoved(run);
  const wished = { cancelRequested: true, cancelWhy: why };
  if (run.state === 'queued') return cancelUnstarted(patchRun(unmoved(run), wished), nowMs);
  if (run.journalId === null) {
    const detail = `run ${run.id} is in the hands of ${run.agentName}, an agent of ScriptMesh 0.2, which cannot cancel`;
    throw new MeshError('run/wrong-state', detail, { hint: 'Wait for its end, or end the script on the node itself.' });
  }
  // Offers stop here; cancels begin with a pace of their own, and the first is due now.
  return patchRun(unmoved(run), { ...wished, offers: 1, nextOfferAtMs: nowMs });
}

/** Its agent has yet to answer the cancel. */
export const isCancelling = ({ cancelRequested, state, journalId }: Run): boolean =>
  cancelRequested && journalId !== null && (state === 'dispatched' || state === 'running');

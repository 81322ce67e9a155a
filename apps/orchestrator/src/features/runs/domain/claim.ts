import type { JournalId } from '@scriptmesh/contracts';
import { cancelUnstarted } from './cancel.js';
import { moveRun, patchRun, type Progress } from './run-progress.js';
import type { Run } from './run.js';

const FIRST_REPEAT_MS = 250;
export const LONGEST_REPEAT_MS = 30_000;

/** How long after its n-th offer (counted from 1) an unanswered run is offered again: 0.25, 1, 2, 4 ... 30 s. */
export function repeatAfterMs(offers: number): number {
  return offers <= 1 ? FIRST_REPEAT_MS : Math.min(LONGEST_REPEAT_MS, 1000 * 2 ** Math.min(10, offers - 2));
}

/**
 * Whether the pause after the last send is over. One that seems longer than any pause was noted before the clock was set
 * back.
 */
export function mayRepeat({ nextOfferAtMs }: Run, nowMs: number): boolean {
  return nextOfferAtMs === null || nextOfferAtMs <= nowMs || nextOfferAtMs > nowMs + LONGEST_REPEAT_MS;
}

/**
 * Takes the run for a send: `inDoubt` goes up before bytes leave. A run that was offered before keeps its journal.
 * @param journalId null for an agent without one, of ScriptMesh 0.2
 */
export function claimRun(progress: Progress, journalId: JournalId | null, nowMs: number): Progress {
  const { inDoubt, offers, state } = progress.run;
  const patch = {
    inDoubt: inDoubt + 1,
    offers: offers + 1,
    nextOfferAtMs: nowMs + repeatAfterMs(offers + 1),
    dispatchedAtMs: nowMs,
  };
  return state === 'queued'
    ? moveRun(progress, 'dispatched', null, { ...patch, journalId })
    : patchRun(progress, patch);
}

/** In the hands of an agent of ScriptMesh 0.2: it cannot be asked about, fenced or offered again. */
export const isWithoutJournal = ({ state, journalId }: Run): boolean => state === 'dispatched' && journalId === null;

/** Nothing of one send arrived: `inDoubt` goes down, and at 0 the run is back in the queue, or ends if it was cancelled. */
export function unclaimRun(progress: Progress, nowMs: number): Progress {
  const { inDoubt, state, deliverByMs, cancelRequested } = progress.run;
  const lowered = Math.max(0, inDoubt - 1);
  if (state !== 'dispatched' || lowered > 0) return patchRun(progress, { inDoubt: lowered });
  if (cancelRequested) return cancelUnstarted(patchRun(progress, { inDoubt: 0 }), nowMs);
  return moveRun(progress, 'queued', null, { inDoubt: 0, nextOfferAtMs: deliverByMs });
}

import { fenceAndRefuse } from './fence-and-refuse.js';
import type { OfferStep } from './offer.js';

/** Below the floor a record may have been pruned; past `deliverBy` the orchestrator may have given the run up. */
export const refuseStale: OfferStep = async ({ header }, parts) => {
  const { runId, receipt, deliverBy } = header;
  const belowFloor = parts.journal.floor !== null && runId <= parts.journal.floor;
  if (!belowFloor && parts.time.nowMs() <= deliverBy) return undefined;
  // By its own time it is not late: it was long on its way, or the orchestrator's clock was set back. The welcome to a
  // new hello shows which of them, and the offer comes again.
  if (!belowFloor && header.now <= deliverBy) {
    parts.gate.wantHello();
    return [];
  }
  const why = belowFloor
    ? 'the run is older than what the journal of the agent reaches back to'
    : `the run reached the agent ${parts.time.nowMs() - deliverBy} ms after it had to be delivered`;
  return fenceAndRefuse(parts, { runId, receipt, code: 'run/stale', why, belowFloor });
};

import { isMeshError, type ErrorCode } from '@scriptmesh/contracts';
import { busy } from './busy.js';
import { fenceAndRefuse } from './fence-and-refuse.js';
import type { OfferStep } from './offer.js';

/** Faults of the moment, not of the script: the run may be offered again. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['store/full', 'store/unavailable', 'internal/unexpected']);

/** Only what the manifest lists, as it is on disk right now; the hash of the bytes goes on record with the run. */
export const checkScript: OfferStep = async (offer, parts) => {
  const { runId, receipt, script: name, timeoutMs } = offer.header;
  try {
    offer.script = await parts.manifest.checkScript(name);
  } catch (error) {
    if (isMeshError(error) && !PASSING.has(error.code)) {
      return fenceAndRefuse(parts, { runId, receipt, code: error.code, why: error.detail, belowFloor: false });
    }
    parts.log.error('offer.check-failed', { runId, script: name, error });
    return busy(runId, receipt, 0);
  }
  const ownLimitMs = offer.script.timeoutMs ?? parts.settings.defaultTimeoutSeconds * 1000;
  offer.timeoutMs = Math.min(ownLimitMs, timeoutMs ?? ownLimitMs);
  const { maxConcurrent } = offer.script;
  // This run's own slot is among those counted.
  return maxConcurrent !== null && parts.slots.countOf(name) > maxConcurrent
    ? busy(runId, receipt, Math.max(0, parts.slots.free))
    : undefined;
};

import { isMeshError } from '@scriptmesh/contracts';
import { buildScriptEnvironment } from '../starter/script-environment.js';
import { fenceAndRefuse } from './fence-and-refuse.js';
import type { OfferStep } from './offer.js';

/** Whatever the orchestrator has checked, only what may stand in the script's environment gets there. */
export const checkParams: OfferStep = async (offer, parts) => {
  const { runId, receipt, params, script, traceparent } = offer.header;
  const { home, name: agentName } = parts.settings;
  try {
    const span = parts.spans.begin(runId, script, traceparent);
    offer.env = buildScriptEnvironment({ runId, agentName, script, params, home, traceparent: span });
    return undefined;
  } catch (error) {
    if (!isMeshError(error)) throw error;
    return fenceAndRefuse(parts, { runId, receipt, code: error.code, why: error.detail, belowFloor: false });
  }
};

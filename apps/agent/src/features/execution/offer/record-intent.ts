import { busy } from './busy.js';
import type { OfferStep } from './offer.js';

/** The at-most-once gate: from here on the run is never started again, whatever happens. */
export const recordIntent: OfferStep = async (offer, { journal, log }) => {
  const { runId, receipt, script } = offer.header;
  if (!offer.script || offer.timeoutMs === undefined) throw new Error('the script was not checked');
  try {
    const intent = { runId, receipt, script, scriptSha: offer.script.sha256, timeoutMs: offer.timeoutMs };
    offer.folder = (await journal.writeIntent(intent)).folder;
    return undefined;
  } catch (error) {
    log.error('offer.intent-failed', { runId, error });
    return busy(runId, receipt, 0);
  }
};

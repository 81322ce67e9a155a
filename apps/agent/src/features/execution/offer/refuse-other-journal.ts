import { say } from '../../link/index.js';
import type { OfferStep } from './offer.js';

/** An offer for another journal may be of a run that this spool has forgotten: only a hello mends that. */
export const refuseOtherJournal: OfferStep = async ({ header }, { journal, gate }) => {
  if (header.journalId === journal.journalId) return undefined;
  gate.wantHello();
  return say({ kind: 'journal/mismatch', runId: header.runId, receipt: header.receipt });
};

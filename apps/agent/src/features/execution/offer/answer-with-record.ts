import { sayRecord } from '../answers/say-end.js';
import type { OfferStep } from './offer.js';

/** A run that is on record is never started (again), however late or wrong its offer is: the record answers. */
export const answerWithRecord: OfferStep = async ({ header }, { journal }) => {
  const record = journal.find(header.runId);
  return record && [await sayRecord(record, header.receipt, journal)];
};

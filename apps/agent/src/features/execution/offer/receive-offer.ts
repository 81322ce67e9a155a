import type { Of, ToAgentHeader } from '@scriptmesh/contracts';
import type { Outgoing } from '../../link/index.js';
import { answerWithRecord } from './answer-with-record.js';
import { checkParams } from './check-params.js';
import { checkScript } from './check-script.js';
import type { AgentParts } from './agent-parts.js';
import type { Offer, OfferStep } from './offer.js';
import { recordIntent } from './record-intent.js';
import { refuseOtherJournal } from './refuse-other-journal.js';
import { refuseStale } from './refuse-stale.js';
import { startScript } from './start-script.js';
import { takeSlot } from './take-slot.js';

/** The order is the protocol's: the record first of all, the intent last before the start. */
const STEPS: readonly OfferStep[] = [
  answerWithRecord,
  refuseOtherJournal,
  refuseStale,
  takeSlot,
  checkScript,
  checkParams,
  recordIntent,
  startScript,
];

/** Takes an offer through the steps until one answers. The caller sees to it that one run's messages go in turn. */
export async function receiveOffer(
  header: Of<ToAgentHeader, 'offer'>,
  parts: AgentParts,
): Promise<readonly Outgoing[]> {
  const offer: Offer = { header };
  try {
    for (const step of STEPS) {
      const answer = await step(offer, parts);
      if (answer) return answer;
    }
    return [];
  } finally {
    // A run without an intent holds no slot; one with an intent gives its slot back at its end.
    const record = parts.journal.find(header.runId);
    if (record?.kind !== 'intent' || record.end) {
      parts.slots.release(header.runId);
      parts.spans.end(header.runId, 'not started');
    }
  }
}

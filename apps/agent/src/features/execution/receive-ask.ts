import type { Of, ToAgentHeader } from '@scriptmesh/contracts';
import { say, type Outgoing } from '../link/index.js';
import { sayRecord } from './answers/say-end.js';
import type { AgentParts } from './offer/agent-parts.js';

/** Says what is on record of a run. `absent` decides only for the journal that was asked, so another one gets no answer. */
export async function receiveAsk(header: Of<ToAgentHeader, 'ask'>, parts: AgentParts): Promise<readonly Outgoing[]> {
  const { runId, receipt, askedWhile } = header;
  const record = parts.journal.find(runId);
  if (record) return [await sayRecord(record, receipt, parts.journal)];
  if (header.journalId === parts.journal.journalId) return say({ kind: 'absent', runId, receipt, askedWhile });
  parts.gate.wantHello();
  return say({ kind: 'journal/mismatch', runId, receipt });
}

import type { Of, ToAgentHeader } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import { say, type Outgoing } from '../link/index.js';
import { sayRecord } from './answers/say-end.js';
import type { AgentParts } from './offer/agent-parts.js';

/**
 * Kills a run that was cancelled, fences one that is not there yet. `why: expired` only fences: a run that started in
 * time is never killed by its delivery limit. One that has ended already keeps its real result.
 */
export async function receiveCancel(
  header: Of<ToAgentHeader, 'cancel'>,
  parts: AgentParts,
): Promise<readonly Outgoing[]> {
  const { runId, receipt, why } = header;
  const { journal } = parts;
  const record = journal.find(runId);
  if (record) {
    if (record.kind === 'intent' && !record.end && why === 'cancelled') {
      failpoint('execution.before-kill');
      parts.starter.kill(runId, 'cancelled');
    }
    return [await sayRecord(record, receipt, journal)];
  }
  if (header.journalId !== journal.journalId) {
    parts.gate.wantHello();
    return say({ kind: 'journal/mismatch', runId, receipt });
  }
  const belowFloor = journal.floor !== null && runId <= journal.floor;
  await journal.writeFence(runId, receipt, { by: 'cancel', belowFloor });
  parts.log.info('run.fenced', { runId, why });
  return say({ kind: 'never', runId, receipt, belowFloor });
}

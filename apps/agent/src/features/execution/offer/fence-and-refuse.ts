import type { ErrorCode, RunId } from '@scriptmesh/contracts';
import { say, type Outgoing } from '../../link/index.js';
import { busy } from './busy.js';
import type { AgentParts } from './agent-parts.js';

interface Refusal {
  readonly runId: RunId;
  readonly receipt: string;
  readonly code: ErrorCode;
  readonly why: string;
  readonly belowFloor: boolean;
}

const MAX_WHY = 1000;

/** The refusal is durable before it is told: the orchestrator takes it as proof that nothing was or will be started. */
export async function fenceAndRefuse(parts: AgentParts, refusal: Refusal): Promise<readonly Outgoing[]> {
  const { runId, receipt, code, belowFloor } = refusal;
  const why = refusal.why.slice(0, MAX_WHY);
  try {
    await parts.journal.writeFence(runId, receipt, { by: 'refusal', code, why, belowFloor });
  } catch (error) {
    parts.log.error('offer.fence-failed', { runId, code, error });
    return busy(runId, receipt, 0);
  }
  parts.log.warn('offer.refused', { runId, code, why });
  return say({ kind: 'refused', runId, receipt, code, why, belowFloor });
}

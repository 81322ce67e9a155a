import { MAIN_PRINCIPAL, type AgentId, type RunId } from '@scriptmesh/contracts';
import { queuedRun, type Run } from '../features/runs/index.js';
import { journal } from './speaking-agent.js';

/** A run for tests above the feature of runs; what a state implies is set with it. */
export function aStoredRun(id: RunId, agentId: AgentId, overrides: Partial<Run> = {}): Run {
  const queued = queuedRun({
    id,
    agentId,
    agentName: 'db-1',
    script: 'hello_world',
    params: {},
    principal: MAIN_PRINCIPAL,
    origin: 'api',
    createdAtMs: 1_000,
    deliverByMs: 601_000,
    timeoutMs: null,
    retryOf: null,
  });
  const isOffered = overrides.state !== undefined && overrides.state !== 'queued';
  const offered = isOffered ? { inDoubt: 1, journalId: journal('a'), dispatchedAtMs: 1_500 } : {};
  return { ...queued, ...offered, ...overrides };
}

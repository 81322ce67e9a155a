import type { AgentId } from '@scriptmesh/contracts';

/** The id that the orchestrator gave this agent; it outlives restarts. */
export abstract class OwnId {
  /** null before the first registration. */
  abstract get agentId(): AgentId | null;
  abstract keep(agentId: AgentId): Promise<void>;
}

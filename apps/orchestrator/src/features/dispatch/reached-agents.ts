import type { AgentId } from '@scriptmesh/contracts';

/** Lets features above say that an agent was just reached, so that nothing waits for the end of a pause. */
export abstract class ReachedAgents {
  abstract noteReached(agent: AgentId): void;
}

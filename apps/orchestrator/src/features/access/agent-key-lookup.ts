import type { AgentId } from '@scriptmesh/contracts';

/** Finds the agents that hold a key. Several may share one: 0.2 nodes often do. */
export abstract class AgentKeyLookup {
  abstract findAgents(agentKey: string): Promise<readonly AgentId[]>;
}

import type { AgentId } from '@scriptmesh/contracts';
import type { Agent } from './domain/agent.js';

/** The narrow view of the registry that runs, dispatch and the catalogue need. */
export abstract class AgentDirectory {
  /** By name (exact spelling) or id. @throws MeshError agent/not-found */
  abstract getAgent(nameOrId: string): Promise<Agent>;
  abstract findAgent(id: AgentId): Promise<Agent | undefined>;
  /** All at once: with very many agents this holds the event loop up, so what can go page by page uses `listPage`. */
  abstract listAgents(): Promise<readonly Agent[]>;
  /** One page in the order of names. @param afterName null begins with the first */
  abstract listPage(limit: number, afterName: string | null): Promise<readonly Agent[]>;
  /**
   * Called inside the write of a removal, before the agent's row goes, so that upper features can end what they hold
   * for it in the same transaction. What the listener returns is called after the commit.
   */
  abstract onRemoving(listener: AgentRemovalListener): void;
}

export type AgentRemovalListener = (
  trx: import('@scriptmesh/database').Writer,
  agent: Agent,
  by: import('@scriptmesh/contracts').PrincipalId,
) => Promise<() => void>;

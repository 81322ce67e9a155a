import type { AgentId } from '@scriptmesh/contracts';
import type { Writer } from '@scriptmesh/database';
import type { Agent } from './domain/agent.js';

/** A row to be: the agent with its key as it is stored. */
export interface NewAgent {
  readonly id: AgentId;
  readonly name: string;
  readonly url: string | null;
  readonly transport: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly keyToken: string;
  readonly keyDigest: string;
  readonly registeredAtMs: number;
}

export interface StoredKey {
  readonly token: string;
  readonly digest: string;
}

export interface AgentFilter {
  readonly limit: number;
  /** Names after this one. */
  readonly afterName: string | null;
}

export abstract class AgentsStore {
  abstract find(nameOrId: string): Promise<Agent | undefined>;
  abstract list(filter: AgentFilter): Promise<readonly Agent[]>;
  abstract listAll(): Promise<readonly Agent[]>;
  abstract findKey(id: AgentId): Promise<StoredKey | undefined>;
  /** The agent whose name is this one or differs only in case, with its key. */
  abstract findTwin(trx: Writer, name: string): Promise<{ readonly agent: Agent; readonly key: StoredKey } | undefined>;
  /** @throws a unique violation when the name is taken */
  abstract insert(trx: Writer, agent: NewAgent): Promise<void>;
  abstract updateDetails(
    trx: Writer,
    id: AgentId,
    details: Pick<NewAgent, 'url' | 'transport' | 'labels' | 'facts'>,
  ): Promise<void>;
  abstract updateKey(trx: Writer, id: AgentId, key: StoredKey): Promise<void>;
  abstract updateLabels(trx: Writer, id: AgentId, labels: Readonly<Record<string, string>>): Promise<void>;
  abstract delete(trx: Writer, id: AgentId): Promise<void>;
}

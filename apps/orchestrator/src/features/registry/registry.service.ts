import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { MeshError, type AgentId, type PrincipalId } from '@scriptmesh/contracts';
import { Database } from '@scriptmesh/database';
import { AuditLog } from '../audit/index.js';
import { AgentCredentials } from './agent-credentials.js';
import { AgentDirectory, type AgentRemovalListener } from './agent-directory.js';
import { AgentNotes } from './agent-notes.js';
import { AgentsStore } from './agents.store.js';
import type { Agent } from './domain/agent.js';

/** The agents of the mesh: finding, labelling and removing them. Registration is a file of its own. */
@Injectable()
export class RegistryService extends AgentDirectory {
  readonly #removing: AgentRemovalListener[] = [];

  constructor(
    private readonly store: AgentsStore,
    private readonly notes: AgentNotes,
    private readonly credentials: AgentCredentials,
    private readonly db: Database,
    private readonly audit: AuditLog,
  ) {
    super();
  }

  override async getAgent(nameOrId: string): Promise<Agent> {
    const agent = await this.store.find(nameOrId);
    if (!agent) throw new MeshError('agent/not-found', `no agent has the name or id "${nameOrId.slice(0, 128)}"`);
    return this.#withNotes(agent);
  }

  override async findAgent(id: AgentId): Promise<Agent | undefined> {
    const agent = await this.store.find(id);
    return agent?.id === id ? this.#withNotes(agent) : undefined;
  }

  override async listAgents(): Promise<readonly Agent[]> {
    return (await this.store.listAll()).map((agent) => this.#withNotes(agent));
  }

  override async listPage(limit: number, afterName: string | null): Promise<readonly Agent[]> {
    return (await this.store.list({ limit, afterName })).map((agent) => this.#withNotes(agent));
  }

  override onRemoving(listener: AgentRemovalListener): void {
    this.#removing.push(listener);
  }

  /** @param changes null takes a label away */
  async changeLabels(
    nameOrId: string,
    changes: Readonly<Record<string, string | null>>,
    by: Principal,
  ): Promise<Agent> {
    const agent = await this.getAgent(nameOrId);
    const merged = Object.entries({ ...agent.labels, ...changes }).filter(
      (pair): pair is [string, string] => pair[1] !== null,
    );
    const labels = Object.fromEntries(merged);
    await this.db.write(async (trx) => {
      await this.store.updateLabels(trx, agent.id, labels);
      await this.audit.append(trx, [entryOf('agent.labelled', agent, by.id, { labels })]);
    });
    return { ...agent, labels };
  }

  /** Removes the agent and ends what upper features hold for it, in one transaction. Its key is worth nothing from then on. */
  async remove(nameOrId: string, by: Principal): Promise<void> {
    const agent = await this.getAgent(nameOrId);
    const afterwards = await this.db.write(async (trx) => {
      const later: (() => void)[] = [];
      for (const listener of this.#removing) later.push(await listener(trx, agent, by.id));
      await this.store.delete(trx, agent.id);
      await this.audit.append(trx, [entryOf('agent.removed', agent, by.id, { name: agent.name })]);
      return later;
    });
    for (const tell of afterwards) tell();
    this.credentials.forget(agent.id);
    this.notes.forget(agent.id);
  }

  #withNotes(agent: Agent): Agent {
    const note = this.notes.find(agent.id);
    if (!note) return agent;
    return {
      ...agent,
      countSeen: note.journalId === agent.journalId ? Math.max(agent.countSeen, note.countSeen) : agent.countSeen,
      freeSlots: note.freeSlots ?? agent.freeSlots,
      lastSeenAtMs: note.lastSeenAtMs ?? agent.lastSeenAtMs,
    };
  }
}

const entryOf = (action: string, agent: Agent, principal: PrincipalId, detail: Record<string, unknown>) =>
  ({ principal, action, subjectKind: 'agent', subject: agent.id, detail }) as const;

import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import {
  LEGACY_TRANSPORT,
  MeshError,
  isLegacyReply,
  legacyDetail,
  legacyEntries,
  legacyReply,
  readLegacyFields,
  toNaiveTime,
  toZonedTime,
  type LegacyReply,
} from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { AgentDirectory, AgentNotes, LivenessView, Registrations, type Agent } from '../registry/index.js';
import { statusOf02 } from './domain/status-of-02.js';

const REGISTRATION = { name: ['agent_name'], url: ['url'], key: ['api_key'] } as const;

/** The routes of 0.2 that speak of agents. */
@Injectable()
export class AgentsOf02 {
  readonly #startedMs: number;

  constructor(
    private readonly agents: AgentDirectory,
    private readonly registrations: Registrations,
    private readonly notes: AgentNotes,
    private readonly liveness: LivenessView,
    private readonly clock: Clock,
  ) {
    this.#startedMs = clock.monotonicMs();
  }

  async health(): Promise<LegacyReply> {
    return legacyReply(200, {
      status: 'orchestrator_alive',
      timestamp: toZonedTime(this.clock.nowMs()),
      uptime_seconds: Math.floor((this.clock.monotonicMs() - this.#startedMs) / 1000),
      registered_agents: (await this.agents.listAgents()).length,
    });
  }

  async register(body: unknown, by: Principal): Promise<LegacyReply> {
    const fields = readLegacyFields(body, REGISTRATION);
    if (isLegacyReply(fields)) return fields;
    try {
      await this.registrations.registerLegacy(fields, by);
    } catch (error) {
      if (error instanceof MeshError && error.status < 500) return legacyDetail(error.status, error.detail);
      throw error;
    }
    return legacyReply(200, { status: 'registered', agent: fields.name });
  }

  async list(): Promise<LegacyReply> {
    const agents = await this.#inOrder();
    return legacyEntries(agents.map((agent) => [agent.name, { url: agent.url, last_seen: lastSeenOf(agent) }]));
  }

  async status(): Promise<LegacyReply> {
    const agents = await this.#inOrder();
    return legacyEntries(agents.map((agent) => [agent.name, this.#statusOf(agent)]));
  }

  #statusOf(agent: Agent) {
    const checked = this.notes.find(agent.id)?.checked ?? null;
    const isOnlyPolled = agent.transport === LEGACY_TRANSPORT;
    const status = statusOf02({ isOnlyPolled, liveness: this.liveness.livenessOf(agent), found: checked?.result });
    const heardAtMs = isOnlyPolled ? 0 : (agent.lastSeenAtMs ?? 0);
    return {
      url: agent.url,
      last_seen: lastSeenOf(agent),
      status,
      last_checked: status === 'unknown' ? null : toNaiveTime(Math.max(checked?.atMs ?? 0, heardAtMs)),
    };
  }

  async #inOrder(): Promise<readonly Agent[]> {
    const agents = await this.agents.listAgents();
    return agents.toSorted((a, b) => a.registeredAtMs - b.registeredAtMs || (a.id < b.id ? -1 : 1));
  }
}

const lastSeenOf = ({ lastSeenAtMs, registeredAtMs }: Agent): string => toNaiveTime(lastSeenAtMs ?? registeredAtMs);

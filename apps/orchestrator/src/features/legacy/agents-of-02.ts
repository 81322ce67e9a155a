import { Injectable } from '@nestjs/common';
import {
  LEGACY_TRANSPORT,
  legacyEntries,
  legacyReply,
  toNaiveTime,
  toZonedTime,
  type LegacyReply,
} from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { AgentDirectory, AgentNotes, LivenessView, type Agent } from '../registry/index.js';
import { statusOf02 } from './domain/status-of-02.js';

/** The routes of 0.2 that list agents. */
@Injectable()
export class AgentsOf02 {
  readonly #startedMs: number;

  constructor(
    private readonly agents: AgentDirectory,
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

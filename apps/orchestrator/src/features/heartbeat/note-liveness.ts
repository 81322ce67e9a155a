import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import type { AgentId, Liveness } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { AgentNotes, LivenessView, type Agent } from '../registry/index.js';
import { AgentLiveness } from './agent-liveness.js';
import { judgeLiveness } from './domain/liveness.js';

/** An agent that only answered for this long has lost its own way to us: it is judged as one that is polled. */
const SPEAKS_ITSELF_MS = 60_000;

/** Judges agents by what was heard of them, on a clock that does not jump. */
@Injectable()
export class NoteLiveness extends AgentLiveness {
  readonly #back: ((agent: Agent) => void)[] = [];
  readonly #freeSlots: ((agent: Agent, freeSlots: number) => void)[] = [];
  /** When each agent was heard last, as far as it was told on. */
  readonly #toldMs = new Map<AgentId, number>();
  #freshFromMs: number;

  constructor(
    private readonly notes: AgentNotes,
    private readonly clock: Clock,
    private readonly settings: OrchestratorSettings,
    view: LivenessView,
  ) {
    super();
    this.#freshFromMs = clock.monotonicMs();
    view.setJudge((agent) => this.livenessOf(agent));
  }

  override livenessOf(agent: Agent): Liveness {
    return this.#judge(agent, this.notes.find(agent.id)?.lastHeardMonotonicMs);
  }

  override onBack(listener: (agent: Agent) => void): void {
    this.#back.push(listener);
  }

  override onFreeSlots(listener: (agent: Agent, freeSlots: number) => void): void {
    this.#freeSlots.push(listener);
  }

  /** This program itself stood still: silence counts anew for everybody. */
  giveFreshWindow(): void {
    this.#freshFromMs = this.clock.monotonicMs();
  }

  /** An agent was heard; tells those who wait for agents that come back. */
  heard(agent: Agent): void {
    const wasOnline = this.#judge(agent, this.#toldMs.get(agent.id)) === 'online';
    this.#toldMs.set(agent.id, this.clock.monotonicMs());
    if (wasOnline) return;
    for (const tell of this.#back) tell(agent);
  }

  forgetRemoved(ids: ReadonlySet<AgentId>): void {
    for (const id of this.#toldMs.keys()) if (!ids.has(id)) this.#toldMs.delete(id);
  }

  tellFreeSlots(agent: Agent, freeSlots: number): void {
    this.notes.noteFreeSlots(agent.id, freeSlots);
    for (const tell of this.#freeSlots) tell(agent, freeSlots);
  }

  #judge(agent: Agent, lastHeardMs = -Infinity): Liveness {
    const lastSpokeMs = this.notes.find(agent.id)?.lastSpokeItselfMonotonicMs ?? -Infinity;
    return judgeLiveness({
      silenceMs: this.clock.monotonicMs() - Math.max(lastHeardMs, this.#freshFromMs),
      heard: lastHeardMs !== -Infinity,
      everHeard: agent.lastSeenAtMs !== null,
      // Judged as of its last word: one that spoke itself and then fell silent keeps to the strict rule.
      speaksItself: lastHeardMs === -Infinity || lastHeardMs - lastSpokeMs <= SPEAKS_ITSELF_MS,
      sweepIntervalMs: this.settings.heartbeatIntervalSeconds * 1000,
    });
  }
}

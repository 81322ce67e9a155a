import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { OrchestratorSettings } from '@scriptmesh/config';
import type { AgentId } from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import pLimit from 'p-limit';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { SweepNews, type Sweep } from './sweep-news.js';
import { AgentPolls } from './agent-polls.js';
import { NoteLiveness } from './note-liveness.js';
import { SweepPace } from './sweep-pace.js';

const SWEEP = 'heartbeat-sweep';
const AGENTS_ON_A_PAGE = 100;

/** What the sweep needs of the program around it. */
@Injectable()
export class SweepSurroundings {
  constructor(
    readonly settings: OrchestratorSettings,
    readonly scheduler: SchedulerRegistry,
    readonly log: Logger,
  ) {}
}

/** Polls all agents every so often, many at a time. Never two sweeps at once; requests never wait for one. */
@Injectable()
export class SweepService extends SweepNews implements OnApplicationBootstrap, OnApplicationShutdown {
  #sweeping: Promise<void> | undefined;
  #stopped = false;
  readonly #listeners: ((sweep: Sweep) => void)[] = [];

  constructor(
    private readonly agents: AgentDirectory,
    private readonly polls: AgentPolls,
    private readonly liveness: NoteLiveness,
    private readonly pace: SweepPace,
    private readonly surroundings: SweepSurroundings,
  ) {
    super();
  }

  override onSwept(listener: (sweep: Sweep) => void): void {
    this.#listeners.push(listener);
  }

  onApplicationBootstrap(): void {
    const everyMs = this.surroundings.settings.heartbeatIntervalSeconds * 1000;
    this.surroundings.scheduler.addInterval(SWEEP, setInterval(() => void this.sweep(), everyMs).unref());
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    if (this.surroundings.scheduler.doesExist('interval', SWEEP)) this.surroundings.scheduler.deleteInterval(SWEEP);
    await this.#sweeping;
  }

  /** Resolves when every agent has answered or had its time. A sweep that is under way is the answer to a second call. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweepAll()
      .catch((error: unknown) => this.surroundings.log.error('heartbeat.sweep-failed', { error }))
      .finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  async #sweepAll(): Promise<void> {
    if (this.pace.beginSweep() === 'after-a-pause') this.liveness.giveFreshWindow();
    const limit = pLimit(this.surroundings.settings.sweepConcurrency);
    const known = new Set<AgentId>();
    const polls: Promise<boolean>[] = [];
    for await (const agent of this.#allAgents()) {
      known.add(agent.id);
      if (agent.url === null) continue;
      await this.pace.nextPoll();
      if (this.#stopped) break;
      polls.push(limit(() => this.#poll(agent)));
    }
    const answered = (await Promise.all(polls)).filter(Boolean).length;
    if (!this.#stopped) this.liveness.forgetRemoved(known);
    this.surroundings.log.debug('heartbeat.swept', { agents: known.size, answered });
    for (const tell of this.#listeners) tell({ durationMs: this.pace.sweepMs, polled: polls.length, answered });
  }

  /** Page by page, because a page is polled at the address that was just read, and reading all would take long. */
  async *#allAgents(): AsyncGenerator<Agent> {
    for (let after: string | null | undefined = null; after !== undefined;) {
      const page: readonly Agent[] = await this.agents.listPage(AGENTS_ON_A_PAGE, after);
      yield* page;
      after = page.length < AGENTS_ON_A_PAGE ? undefined : page.at(-1)?.name;
    }
  }

  /** @returns whether the agent answered */
  async #poll(agent: Agent): Promise<boolean> {
    return this.#stopped ? false : this.polls.poll(agent);
  }
}

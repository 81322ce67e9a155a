import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { OrchestratorSettings } from '@scriptmesh/config';
import { Logger } from '@scriptmesh/logging';
import pLimit from 'p-limit';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { AgentPolls } from './agent-polls.js';
import { NoteLiveness } from './note-liveness.js';
import { SweepPace } from './sweep-pace.js';

const SWEEP = 'heartbeat-sweep';

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
export class SweepService implements OnApplicationBootstrap, OnApplicationShutdown {
  #sweeping: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly agents: AgentDirectory,
    private readonly polls: AgentPolls,
    private readonly liveness: NoteLiveness,
    private readonly pace: SweepPace,
    private readonly surroundings: SweepSurroundings,
  ) {}

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
    const agents = await this.agents.listAgents();
    const limit = pLimit(this.surroundings.settings.sweepConcurrency);
    const polled = await Promise.all(
      agents.filter(({ url }) => url !== null).map((agent) => limit(() => this.#poll(agent))),
    );
    this.liveness.forgetRemoved(agents);
    this.surroundings.log.debug('heartbeat.swept', { agents: agents.length, answered: polled.filter(Boolean).length });
  }

  /** @returns whether the agent answered */
  async #poll(agent: Agent): Promise<boolean> {
    await this.pace.waitABit();
    return this.#stopped ? false : this.polls.poll(agent);
  }
}

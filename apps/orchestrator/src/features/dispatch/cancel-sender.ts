import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { SYSTEM_PRINCIPAL, type AgentId } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import { Logger } from '@scriptmesh/logging';
import { Clock, type Timer } from '@scriptmesh/runtime';
import { AgentLiveness } from '../heartbeat/index.js';
import { AgentLinks } from '../links/index.js';
import {
  isCancelling,
  patchRun,
  repeatAfterMs,
  RunCancels,
  RunsStore,
  RunWriter,
  unmoved,
  type Run,
} from '../runs/index.js';
import { RunMessages } from './run-messages.js';

const EVERY_MS = 1000;
const MOST_AT_ONCE = 1000;

/** Where cancels come from and what writes them. */
@Injectable()
export class CancelSurroundings {
  constructor(
    readonly cancels: RunCancels,
    readonly liveness: AgentLiveness,
    readonly clock: Clock,
    readonly log: Logger,
  ) {}
}

/**
 * Tells agents of runs that were cancelled: at once, when the agent is back, and ever more slowly until the run has
 * ended, by any instance. The agent's answer decides: a fence, the end of what it killed, or the real result.
 */
@Injectable()
export class CancelSender implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  #timer: Timer | undefined;
  #stopped = false;
  #sweeping: Promise<void> | undefined;
  readonly #sending = new Set<Promise<void>>();

  constructor(
    private readonly store: RunsStore,
    private readonly writer: RunWriter,
    private readonly links: AgentLinks,
    private readonly messages: RunMessages,
    private readonly surroundings: CancelSurroundings,
  ) {}

  onModuleInit(): void {
    const { cancels, liveness } = this.surroundings;
    cancels.onCancelling((run) => this.#begin(this.#send(run)));
    liveness.onBack(({ id }) => this.#begin(this.#sendAllOf(id)));
  }

  onApplicationBootstrap(): void {
    this.#timer = this.surroundings.clock.after(EVERY_MS, () => {
      this.#sweeping = this.sweep().finally(() => {
        if (!this.#stopped) this.onApplicationBootstrap();
      });
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.#timer?.stop();
    await Promise.all([this.#sweeping, ...this.#sending]);
  }

  /** Never throws. */
  async sweep(): Promise<void> {
    try {
      const due = await this.store.listCancelling(this.surroundings.clock.nowMs(), MOST_AT_ONCE);
      const agents = new Set(due.map(({ agentId }) => agentId));
      await this.#notePace(due);
      // Not waited for: an agent that does not answer must not hold up the cancels of the others.
      for (const agent of agents) this.#begin(this.#sendTo(agent, due));
    } catch (error) {
      this.surroundings.log.error('dispatch.cancel-sweep-failed', { error });
    }
  }

  async #sendAllOf(agent: AgentId): Promise<void> {
    const cancelled = (await this.store.listLive(agent)).filter(isCancelling);
    // It may have to say its hello first, so what is lost now is to be repeated soon, however long it was away.
    await this.#notePace(cancelled, 1);
    if (cancelled.length > 0) await this.#sendTo(agent, cancelled);
  }

  async #send(run: Run): Promise<void> {
    await this.#notePace([run]);
    await this.#sendTo(run.agentId, [run]);
  }

  async #sendTo(agent: AgentId, runs: readonly Run[]): Promise<void> {
    const cancels = runs.filter(({ agentId }) => agentId === agent).map((run) => this.messages.cancel(run));
    failpoint('dispatch.before-cancel');
    const verdict = await this.links.send(agent, cancels);
    failpoint('dispatch.cancel-sent');
    this.surroundings.log.debug('dispatch.cancelled', { agentId: agent, runs: cancels.length, verdict });
  }

  /**
   * Written before the send, so that another instance does not send the same at the same time.
   * @param sent so many, in place of what the row says
   */
  async #notePace(runs: readonly Run[], sent?: number): Promise<void> {
    if (runs.length === 0) return;
    const nowMs = this.surroundings.clock.nowMs();
    await this.writer.write(SYSTEM_PRINCIPAL, async (work) => {
      await work.read(runs.map(({ id }) => id));
      for (const { id } of runs) {
        const run = work.find(id);
        if (!run || !isCancelling(run)) continue;
        const offers = sent ?? run.offers;
        work.apply(patchRun(unmoved(run), { offers: offers + 1, nextOfferAtMs: nowMs + repeatAfterMs(offers) }));
      }
    });
  }

  /** One that fails is sent again in its time. */
  #begin(sending: Promise<void>): void {
    const logged = sending
      .catch((error: unknown) => this.surroundings.log.error('dispatch.cancel-failed', { error }))
      .finally(() => this.#sending.delete(logged));
    this.#sending.add(logged);
  }
}

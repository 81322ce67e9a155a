import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SYSTEM_PRINCIPAL, type AgentId } from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import { Clock, type Timer } from '@scriptmesh/runtime';
import { AgentLinks } from '../links/index.js';
import {
  mayRepeat,
  endRun,
  isCancelling,
  isWithoutJournal,
  patchRun,
  repeatAfterMs,
  RunsStore,
  RunWriter,
  unmoved,
  type Run,
} from '../runs/index.js';
import { RunMessages } from './run-messages.js';

const EVERY_MS = 1000;
const MOST_AT_ONCE = 1000;

@Injectable()
export class OverdueSurroundings {
  constructor(
    readonly clock: Clock,
    readonly log: Logger,
  ) {}
}

/**
 * Ends runs that their agent did not take before deliverBy. A queued one expires at once; a dispatched one only by the
 * agent's fence, so the agent is asked for it, again and again, until it answers.
 */
@Injectable()
export class Overdue implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: Timer | undefined;
  #stopped = false;
  #working: Promise<void> | undefined;

  constructor(
    private readonly store: RunsStore,
    private readonly writer: RunWriter,
    private readonly links: AgentLinks,
    private readonly messages: RunMessages,
    private readonly surroundings: OverdueSurroundings,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = this.surroundings.clock.after(EVERY_MS, () => {
      this.#working = this.sweep().finally(() => {
        if (!this.#stopped) this.onApplicationBootstrap();
      });
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.#timer?.stop();
    await this.#working;
  }

  /** Never throws. */
  async sweep(): Promise<void> {
    try {
      const nowMs = this.surroundings.clock.nowMs();
      const overdue = await this.store.listOverdue(nowMs, MOST_AT_ONCE);
      await this.#expire(
        overdue.filter(({ state }) => state === 'queued'),
        nowMs,
      );
      await this.#askForFences(
        overdue.filter((run) => isFenceable(run) && mayRepeat(run, nowMs)),
        nowMs,
      );
    } catch (error) {
      this.surroundings.log.error('dispatch.overdue-failed', { error });
    }
  }

  /** Runs of one agent that it should fence or end. */
  async listOfAgent(agent: AgentId, nowMs: number): Promise<readonly Run[]> {
    const live = await this.store.listLive(agent);
    return live.filter((run) => isCancelling(run) || (isFenceable(run) && run.deliverByMs <= nowMs));
  }

  async #expire(queued: readonly Run[], nowMs: number): Promise<void> {
    if (queued.length === 0) return;
    await this.writer.write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read(queued.map(({ id }) => id));
      for (const { id } of queued) {
        const run = runs.find(id);
        if (run?.state !== 'queued') continue;
        const reason = 'the agent was not there to take the run before its deliverBy';
        const end = { state: 'expired', executed: 'no', finishedAtMs: nowMs, reasonCode: 'run/stale', reason } as const;
        runs.apply(endRun(unmoved(run), end));
      }
    });
  }

  async #askForFences(late: readonly Run[], nowMs: number): Promise<void> {
    if (late.length === 0) return;
    await this.writer.write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read(late.map(({ id }) => id));
      for (const { id } of late) {
        const run = runs.find(id);
        if (run?.state !== 'dispatched') continue;
        const offers = run.offers + 1;
        runs.apply(patchRun(unmoved(run), { offers, nextOfferAtMs: nowMs + repeatAfterMs(offers) }));
      }
    });
    const agents = [...new Set(late.map(({ agentId }) => agentId))];
    await Promise.all(agents.map((agent) => this.#sendCancels(agent, late)));
  }

  async #sendCancels(agent: AgentId, late: readonly Run[]): Promise<void> {
    const cancels = late.filter(({ agentId }) => agentId === agent).map((run) => this.messages.cancel(run));
    await this.links.send(agent, cancels);
  }
}

/** One that was cancelled is told so by the CancelSender, which fences it as well. */
const isFenceable = (run: Run): boolean => run.state === 'dispatched' && !run.cancelRequested && !isWithoutJournal(run);

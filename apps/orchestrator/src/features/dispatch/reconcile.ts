import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { isFinalState, SYSTEM_PRINCIPAL, type FromAgentHeader, type Of, type RunId } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { AgentLinks, type Incoming, type Outgoing } from '../links/index.js';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { loseRun, RunsStore, RunWriter, unmoved, type Run } from '../runs/index.js';
import { findLoss } from './domain/loss.js';
import { RunMessages } from './run-messages.js';

type Sign = Of<FromAgentHeader, 'hello' | 'heartbeat'>;

@Injectable()
export class ReconcileSurroundings {
  constructor(
    readonly clock: Clock,
    readonly settings: OrchestratorSettings,
    readonly messages: RunMessages,
  ) {}
}

/**
 * Compares what the store believes with what an agent tells of its journal. Absence in an inventory is only a hint: it
 * makes us ask, and only the answer decides.
 */
@Injectable()
export class Reconcile implements OnModuleInit {
  constructor(
    private readonly links: AgentLinks,
    private readonly agents: AgentDirectory,
    private readonly store: RunsStore,
    private readonly writer: RunWriter,
    private readonly surroundings: ReconcileSurroundings,
  ) {}

  onModuleInit(): void {
    this.links.handle(['hello'], (agent, messages) => this.#onHello(agent, messages as readonly Incoming<Sign>[]));
  }

  /** Looks after all live runs; called by the sweep. */
  async sweep(): Promise<void> {
    const live = (await this.store.listLive(null)).filter(({ state }) => state !== 'queued');
    const asking: (() => Promise<unknown>)[] = [];
    for (const agentId of new Set(live.map((run) => run.agentId))) {
      const agent = await this.agents.findAgent(agentId);
      const own = live.filter((run) => run.agentId === agentId);
      await this.#loseHopeless(agent, own);
      const asks = own.filter((run) => run.state === 'running' && run.journalId === agent?.journalId);
      const messages = asks.map((run) => this.surroundings.messages.ask(run));
      if (messages.length > 0) asking.push(() => this.links.send(agentId, messages));
    }
    // All at once and last, so that agents that do not answer hold nobody up.
    await Promise.all(asking.map((ask) => ask()));
  }

  async #onHello(stale: Agent, messages: readonly Incoming<Sign>[]): Promise<readonly Outgoing[]> {
    // The hello may just have changed the journal.
    const agent = await this.agents.findAgent(stale.id);
    const hello = messages.at(-1)?.header;
    if (!agent || !hello || hello.journalId !== agent.journalId) return [];
    const live = (await this.store.listLive(agent.id)).filter(({ state }) => state !== 'queued');
    await this.#loseHopeless(agent, live);
    const told = new Set<RunId>(hello.inventory);
    const missing = live.filter((run) => run.journalId === agent.journalId && !told.has(run.id));
    return missing.map((run) => this.surroundings.messages.ask(run));
  }

  async #loseHopeless(agent: Agent | undefined, live: readonly Run[]): Promise<void> {
    const { clock, settings } = this.surroundings;
    const facts = { agent, nowMs: clock.nowMs(), lostAfterMs: settings.lostAfterSeconds * 1000 };
    const hopeless = live.filter((run) => findLoss(run, facts) !== undefined);
    if (hopeless.length === 0) return;
    await this.writer.write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read(hopeless.map(({ id }) => id));
      for (const { id } of hopeless) {
        const run = runs.find(id);
        const loss = run && !isFinalState(run.state) ? findLoss(run, facts) : undefined;
        if (run && loss) runs.apply(loseRun(unmoved(run), facts.nowMs, loss.why, loss.cause));
      }
    });
  }
}

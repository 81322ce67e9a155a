import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import {
  isFinalState,
  SYSTEM_PRINCIPAL,
  type AgentId,
  type FromAgentHeader,
  type Of,
  type RunId,
} from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { AgentLinks, type Incoming, type Outgoing } from '../links/index.js';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { loseRun, RunsStore, RunWriter, unmoved, type Run } from '../runs/index.js';
import { findLoss } from './domain/loss.js';
import { RunMessages } from './run-messages.js';
import { SilenceWindow } from './silence-window.js';

type Sign = Of<FromAgentHeader, 'hello' | 'heartbeat'>;

/** In one list; the agent's next word brings the others. */
const MOST_ASKS = 500;
const ASK_AGAIN_MS = 60_000;

@Injectable()
export class ReconcileSurroundings {
  constructor(
    readonly clock: Clock,
    readonly settings: OrchestratorSettings,
    readonly messages: RunMessages,
    readonly silence: SilenceWindow,
  ) {}
}

/**
 * Compares what the store believes with what an agent tells of its journal. Absence in an inventory is only a hint: it
 * makes us ask, and only the answer decides.
 */
@Injectable()
export class Reconcile implements OnModuleInit {
  /** When an agent's inventory was looked at last, on the clock that does not jump. */
  readonly #lookedMs = new Map<AgentId, number>();
  #silenceFromMs: number | undefined;

  constructor(
    private readonly links: AgentLinks,
    private readonly agents: AgentDirectory,
    private readonly store: RunsStore,
    private readonly writer: RunWriter,
    private readonly surroundings: ReconcileSurroundings,
  ) {}

  onModuleInit(): void {
    this.agents.onRemoving(
      async (_trx, { id }) =>
        () =>
          void this.#lookedMs.delete(id),
    );
    this.links.handle(['hello', 'heartbeat'], (agent, messages) =>
      this.#onSign(agent, messages as readonly Incoming<Sign>[]),
    );
  }

  /** Looks after all live runs; called by the sweep. */
  async sweep(): Promise<void> {
    const live = (await this.store.listLive(null)).filter(({ state }) => state !== 'queued');
    const silenceFromMs = await this.surroundings.silence.countsFromMs();
    // Something was restored or stood still: the next heartbeats are looked at as hellos are.
    if (silenceFromMs !== (this.#silenceFromMs ?? silenceFromMs)) this.#lookedMs.clear();
    this.#silenceFromMs = silenceFromMs;
    const asking: (() => Promise<unknown>)[] = [];
    for (const agentId of new Set(live.map((run) => run.agentId))) {
      const agent = await this.agents.findAgent(agentId);
      const own = live.filter((run) => run.agentId === agentId);
      await this.#loseHopeless(agent, own, silenceFromMs);
      const asks = own
        .filter((run) => run.state === 'running' && run.journalId === agent?.journalId)
        .slice(0, MOST_ASKS);
      const messages = asks.map((run) => this.surroundings.messages.ask(run));
      if (messages.length > 0) asking.push(() => this.links.send(agentId, messages));
    }
    // All at once and last, so that agents that do not answer hold nobody up.
    await Promise.all(asking.map((ask) => ask()));
  }

  async #onSign(stale: Agent, messages: readonly Incoming<Sign>[]): Promise<readonly Outgoing[]> {
    const sign = messages.at(-1)?.header;
    if (!sign || (sign.kind === 'heartbeat' && !this.#isDue(stale))) return [];
    this.#lookedMs.set(stale.id, this.surroundings.clock.monotonicMs());
    // A hello may just have changed the journal.
    const agent = await this.agents.findAgent(stale.id);
    if (!agent || sign.journalId !== agent.journalId) return [];
    const { messages: make, silence } = this.surroundings;
    const live = (await this.store.listLive(agent.id)).filter(({ state }) => state !== 'queued');
    await this.#loseHopeless(agent, live, await silence.peekMs());
    const told = new Set<RunId>(sign.inventory);
    const missing = live.filter((run) => run.journalId === agent.journalId && !told.has(run.id));
    const strange = await this.#listStrange(sign.inventory);
    const asks = [...missing.map((run) => make.ask(run)), ...strange.map((runId) => make.askUnknown(runId))];
    return asks.slice(0, MOST_ASKS);
  }

  /**
   * After a start of ours the first heartbeat counts as a hello, since agents that were welcomed before say none. And the
   * sweep cannot ask an agent that is not dialled, so its heartbeats are taken for that, once a minute.
   */
  #isDue({ id, url }: Agent): boolean {
    const lookedMs = this.#lookedMs.get(id);
    if (lookedMs === undefined) return true;
    return url === null && this.surroundings.clock.monotonicMs() - lookedMs >= ASK_AGAIN_MS;
  }

  /** Runs that the agent holds and the store does not know, unless retention has removed them: perhaps of before a restore. */
  async #listStrange(inventory: readonly RunId[]): Promise<readonly RunId[]> {
    const unknown = await this.store.filterUnknown(inventory);
    if (unknown.length === 0) return [];
    const floor = await this.store.findPrunedThrough();
    return floor === null ? unknown : unknown.filter((runId) => runId > floor);
  }

  async #loseHopeless(agent: Agent | undefined, live: readonly Run[], silenceFromMs: number): Promise<void> {
    const { clock, settings } = this.surroundings;
    const facts = { agent, nowMs: clock.nowMs(), silenceFromMs, lostAfterMs: settings.lostAfterSeconds * 1000 };
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

import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { AgentId } from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import { Clock, type Timer } from '@scriptmesh/runtime';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { RunsStore } from '../runs/index.js';
import { AgentSlots } from './agent-slots.js';
import { DispatchStrategies } from './dispatch-strategies.js';
import { nextPauseMs } from './pause.js';

/** A timer never spins, whatever the rows say. */
const SHORTEST_WAIT_MS = 50;

interface Pump {
  working: Promise<void> | undefined;
  /** Somebody asked again while it was working. */
  again: boolean;
  /** Nothing reaches the agent: offers wait for its word or the end of the pause. */
  pauseMs: number;
  timer: Timer | undefined;
  /** When the timer goes off, on the clock that does not jump. */
  dueMs: number;
}

@Injectable()
export class PumpSurroundings {
  constructor(
    readonly clock: Clock,
    readonly log: Logger,
    readonly store: RunsStore,
  ) {}
}

/**
 * One pump for each agent with work: claims what the agent has slots for and sends it, one send at a time.
 * It is woken by new runs, free slots, agents that come back and its own timer; it never polls.
 */
@Injectable()
export class AgentPump implements OnModuleInit, OnApplicationShutdown {
  readonly #pumps = new Map<AgentId, Pump>();
  #stopped = false;

  constructor(
    private readonly agents: AgentDirectory,
    private readonly strategies: DispatchStrategies,
    private readonly slots: AgentSlots,
    private readonly surroundings: PumpSurroundings,
  ) {}

  onModuleInit(): void {
    this.agents.onRemoving((_trx, { id }) => Promise.resolve(() => this.#forget(id)));
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    for (const pump of this.#pumps.values()) pump.timer?.stop();
    await Promise.all([...this.#pumps.values()].map(({ working }) => working));
  }

  /** Looks for work of the agent soon. Calls while it works are one further round. */
  wake(agent: AgentId): void {
    if (this.#stopped) return;
    const pump = this.#pumpOf(agent);
    if (pump.working) {
      pump.again = true;
      return;
    }
    this.#stopTimer(pump);
    pump.working = this.#work(agent, pump)
      .catch((error: unknown) => this.#noteFailure(agent, error))
      .finally(() => {
        pump.working = undefined;
        if (pump.again) this.#wakeAgain(agent, pump);
      });
  }

  /** For a new run: in a pause that ends by itself it would only cost one more send into the void. */
  wakeUnlessPaused(agent: AgentId): void {
    const { pauseMs, timer } = this.#pumpOf(agent);
    if (pauseMs === 0 || !timer) this.wake(agent);
  }

  /** The agent is heard again: no pause holds any more. */
  wakeBack(agent: AgentId): void {
    this.#pumpOf(agent).pauseMs = 0;
    this.wake(agent);
  }

  /** Nothing sent to it has arrived lately. */
  isPaused(agent: AgentId): boolean {
    return (this.#pumps.get(agent)?.pauseMs ?? 0) > 0;
  }

  /** Takes the verdict of a send that was made outside the pump. */
  noteVerdict(agent: AgentId, arrived: boolean): void {
    const pump = this.#pumpOf(agent);
    pump.pauseMs = arrived ? 0 : nextPauseMs(pump.pauseMs);
    this.wakeAfter(agent, pump.pauseMs || nextPauseMs(0));
  }

  wakeAfter(agent: AgentId, delayMs: number): void {
    if (this.#stopped) return;
    const pump = this.#pumpOf(agent);
    const { clock } = this.surroundings;
    const waitMs = Math.max(SHORTEST_WAIT_MS, delayMs);
    const dueMs = clock.monotonicMs() + waitMs;
    // The sooner one holds: else a stream of new runs would put repeats off for ever.
    if (pump.timer && pump.dueMs <= dueMs) return;
    this.#stopTimer(pump);
    pump.dueMs = dueMs;
    pump.timer = clock.after(waitMs, () => this.wake(agent));
  }

  #stopTimer(pump: Pump): void {
    pump.timer?.stop();
    pump.timer = undefined;
  }

  #noteFailure(agent: AgentId, error: unknown): void {
    this.surroundings.log.error('dispatch.failed', { agentId: agent, error });
    this.noteVerdict(agent, false);
  }

  #wakeAgain(agent: AgentId, pump: Pump): void {
    pump.again = false;
    this.wake(agent);
  }

  async #work(id: AgentId, pump: Pump): Promise<void> {
    // After nearly every send the answer is quicker than the timer.
    if (!(await this.surroundings.store.hasWaiting(id))) return this.#rest(id, pump);
    const agent = await this.agents.findAgent(id);
    if (!agent) return this.#forget(id);
    if (!this.strategies.of(agent).canSend(agent)) return; // Its offers leave with the answer to its own messages.
    let sent = await this.#sendNext(agent, pump);
    while (sent > 0 && pump.pauseMs === 0) sent = await this.#sendNext(agent, pump);
    if (sent > 0) return this.wakeAfter(id, pump.pauseMs);
    const nowMs = this.surroundings.clock.nowMs();
    const repeatAtMs = await this.strategies.of(agent).findNextRepeat(agent, nowMs);
    const retryAtMs = await this.surroundings.store.findNotBefore(id, nowMs);
    // Nothing is repeated any more, so nothing would ever end the pause.
    if (repeatAtMs === null) pump.pauseMs = 0;
    const nextAtMs = Math.min(repeatAtMs ?? Infinity, retryAtMs ?? Infinity);
    if (nextAtMs < Infinity) this.wakeAfter(id, nextAtMs - nowMs);
  }

  /** @returns how many runs were sent */
  async #sendNext(agent: Agent, pump: Pump): Promise<number> {
    if (this.#stopped) return 0;
    const strategy = this.strategies.of(agent);
    const claimed = await strategy.claimNext(agent);
    if (claimed.length === 0) return 0;
    const arrived = await strategy.send(agent, claimed);
    pump.pauseMs = arrived ? 0 : nextPauseMs(pump.pauseMs);
    return claimed.length;
  }

  /** Nothing waits, so nothing would ever end a pause, and no new run overtakes another. */
  #rest(id: AgentId, pump: Pump): void {
    pump.pauseMs = 0;
    this.slots.setBacklog(id, false);
  }

  #forget(id: AgentId): void {
    const pump = this.#pumps.get(id);
    if (pump) this.#stopTimer(pump);
    this.#pumps.delete(id);
    this.slots.forget(id);
  }

  #pumpOf(agent: AgentId): Pump {
    const known = this.#pumps.get(agent);
    if (known) return known;
    const pump: Pump = { working: undefined, again: false, pauseMs: 0, timer: undefined, dueMs: 0 };
    this.#pumps.set(agent, pump);
    return pump;
  }
}

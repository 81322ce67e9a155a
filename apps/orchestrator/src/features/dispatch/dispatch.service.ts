import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { isFinalState, LEGACY_TRANSPORT, type AgentId, type JournalId } from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import { AgentLiveness } from '../heartbeat/index.js';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { DeferredGate, DispatchGate, RunFeed, RunsStore, type Run } from '../runs/index.js';
import { AgentPump } from './agent-pump.js';
import { AgentSlots } from './agent-slots.js';
import { LegacyDoors } from './legacy/legacy-doors.js';
import { LegacyFlights } from './legacy/legacy-flights.js';
import { OfferSender } from './offer-sender.js';
import { nextPauseMs } from './pause.js';
import { ReachedAgents } from './reached-agents.js';

/** What dispatch sees of the runs. */
@Injectable()
export class RunsInView {
  constructor(
    readonly store: RunsStore,
    readonly feed: RunFeed,
    readonly deferred: DeferredGate,
  ) {}
}

/** Lets runs leave at their birth, and wakes the pumps when something has changed. */
@Injectable()
export class DispatchService extends DispatchGate {
  constructor(
    private readonly pump: AgentPump,
    private readonly slots: AgentSlots,
    private readonly sender: OfferSender,
    private readonly agents: AgentDirectory,
    private readonly log: Logger,
  ) {
    super();
  }

  override takeSlot(agent: Agent, script: string): JournalId | undefined {
    const { id, journalId, transport } = agent;
    const mayLeave =
      transport !== LEGACY_TRANSPORT &&
      this.sender.canSend(agent) &&
      journalId !== null &&
      this.slots.free(id) > 0 &&
      !this.slots.hasBacklog(id) &&
      !this.slots.isHeld(id, script) &&
      !this.pump.isPaused(id);
    if (!mayLeave) {
      this.slots.setBacklog(id, true);
      return undefined;
    }
    this.slots.take(id);
    return journalId;
  }

  override giveBack(agent: Agent): void {
    this.slots.giveBack(agent.id);
    // The commit may have succeeded although its answer was lost: then the run was born and nobody launches it.
    this.pump.wakeAfter(agent.id, nextPauseMs(0));
  }

  override launch(run: Run, agent?: Agent): void {
    if (run.state === 'queued') this.pump.wakeUnlessPaused(run.agentId);
    else this.#sendNow(run, agent).catch((error: unknown) => this.#noteFailure(run, error));
  }

  async #sendNow(run: Run, known: Agent | undefined): Promise<void> {
    const agent = known ?? (await this.agents.findAgent(run.agentId));
    if (!agent) return;
    this.pump.noteVerdict(agent.id, await this.sender.sendOffers(agent, [run]));
  }

  /** The store failed us after the claim: the run is dispatched, and its offer is repeated in its time. */
  #noteFailure(run: Run, error: unknown): void {
    this.log.error('dispatch.launch-failed', { runId: run.id, agentId: run.agentId, error });
    this.pump.noteVerdict(run.agentId, false);
  }
}

/** Wakes the pump of an agent that was reached by other means than a send of dispatch. */
@Injectable()
export class PumpWaker extends ReachedAgents {
  constructor(
    private readonly pump: AgentPump,
    private readonly doors: LegacyDoors,
  ) {
    super();
  }

  override noteReached(agent: AgentId): void {
    this.doors.open(agent);
    if (this.pump.isPaused(agent)) this.pump.wakeBack(agent);
  }
}

/** The ways out of dispatch that have something to say afterwards. */
@Injectable()
export class DispatchGates {
  constructor(
    readonly own: DispatchService,
    readonly flights: LegacyFlights,
  ) {}
}

/** Listens for what makes a pump worth waking. */
@Injectable()
export class DispatchWakes implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly pump: AgentPump,
    private readonly slots: AgentSlots,
    private readonly liveness: AgentLiveness,
    private readonly runs: RunsInView,
    private readonly gates: DispatchGates,
  ) {}

  onModuleInit(): void {
    this.runs.deferred.setGate(this.gates.own);
    this.gates.flights.onReturned((agent) => this.pump.noteVerdict(agent, false));
    this.liveness.onBack((agent) => this.pump.wakeBack(agent.id));
    this.liveness.onFreeSlots((agent, free) => this.#takeFreeSlots(agent.id, free));
    this.runs.feed.onAnyRun((run) => this.#noteEnd(run));
  }

  /** After a start every agent with live runs is looked after. */
  async onApplicationBootstrap(): Promise<void> {
    const live = await this.runs.store.listLive(null);
    for (const agent of new Set(live.map(({ agentId }) => agentId))) this.pump.wake(agent);
  }

  /** Runs whose own instance ended between their commit and their launch are launched by whoever looks next. */
  async lookAfterWaiting(): Promise<void> {
    const waiting = (await this.runs.store.listLive(null)).filter(({ state }) => state !== 'running');
    for (const agent of new Set(waiting.map(({ agentId }) => agentId))) this.pump.wakeUnlessPaused(agent);
  }

  #takeFreeSlots(agent: AgentId, free: number): void {
    this.slots.told(agent, free);
    // Thousands of agents tell of free slots every minute; where nothing waits there is nothing to look for.
    if (free > 0 && (this.slots.hasBacklog(agent) || this.pump.isPaused(agent))) this.pump.wake(agent);
  }

  /** A run that was started and has ended has left its slot: the pump looks, by one small question, whether a run waits for it. */
  #noteEnd({ agentId, script, state, offers }: Run): void {
    if (!isFinalState(state) || offers === 0) return;
    this.slots.giveBack(agentId);
    this.slots.release(agentId, script);
    this.pump.wake(agentId);
  }
}

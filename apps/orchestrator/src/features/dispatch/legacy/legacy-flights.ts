import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AgentId, RunId } from '@scriptmesh/contracts';
import { LegacyAgentCalls, type LegacyAnswer, type StartedCall } from '../../legacy-calls/index.js';
import type { Agent } from '../../registry/index.js';
import type { Run } from '../../runs/index.js';
import { LegacyDoors } from './legacy-doors.js';
import { LegacyEnds } from './legacy-ends.js';

/** 0.2 knows no time limit; this one is the default of a run without one. */
const DEFAULT_TIMEOUT_MS = 24 * 3600 * 1000;

interface Flight {
  readonly agentId: AgentId;
  readonly call: StartedCall;
  /** Resolves when what became of the run is written. */
  readonly landed: Promise<void>;
}

/** The calls to 0.2 agents whose answer is waited for. */
@Injectable()
export class LegacyFlights implements OnApplicationShutdown {
  readonly #flights = new Map<RunId, Flight>();
  readonly #returned: ((agent: AgentId) => void)[] = [];

  constructor(
    private readonly calls: LegacyAgentCalls,
    private readonly ends: LegacyEnds,
    private readonly doors: LegacyDoors,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.ends.hurry();
    for (const { call } of this.#flights.values()) {
      call.abort('the orchestrator was stopped while it waited for the answer');
    }
    await Promise.all([...this.#flights.values()].map(({ landed }) => landed));
  }

  /** Called when a run is back in the queue although its request had left. */
  onReturned(listener: (agent: AgentId) => void): void {
    this.#returned.push(listener);
  }

  count(agent: AgentId): number {
    return [...this.#flights.values()].filter(({ agentId }) => agentId === agent).length;
  }

  get runIds(): readonly RunId[] {
    return [...this.#flights.keys()];
  }

  /** @returns whether the request left */
  async begin(agent: Agent, run: Run): Promise<boolean> {
    if (Object.keys(run.params).length > 0) {
      await this.ends.refuseParams(run);
      return true;
    }
    const call = this.calls.runScript(agent, run.script, run.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const landed = call.answer.then((answer) => this.#land(agent, run, answer));
    this.#flights.set(run.id, { agentId: agent.id, call, landed });
    const left = await call.left;
    // The run is back in the queue before the next one is looked for.
    if (!left) await landed;
    return left;
  }

  async #land(agent: Agent, run: Run, answer: LegacyAnswer): Promise<void> {
    const kind = await this.ends.write(agent, run, answer);
    this.#flights.delete(run.id);
    if (answer.kind !== 'answered') return;
    if (kind !== 'returned') return this.doors.open(agent.id);
    // The door of the agent turned it away, long after its send was taken for done.
    this.doors.shut(agent.id);
    for (const tell of this.#returned) tell(agent.id);
  }
}

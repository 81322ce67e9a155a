import type { AgentId } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import {
  AgentLink,
  OrchestratorLink,
  type AgentAddress,
  type AgentPlace,
  type FramesFromAgent,
  type FramesFromOrchestrator,
  type OwnIdentity,
  type Reach,
  type SendVerdict,
} from '@scriptmesh/transport';
import type { Chance } from './chance.js';
import type { Life } from './life.js';

export type Way = 'to-agent' | 'to-orchestrator';
interface InFlight {
  readonly way: Way;
  readonly agentId: AgentId;
  readonly frames: readonly Frame[];
}
/** undefined: nobody is there. */
type Answer = readonly Frame[] | undefined;

/** What becomes of a list: `answers-held`: it arrives, what is answered stays on its way; `twice`: it arrives, and a copy may come later. */
export const NETWORK_MODES = ['chance', 'through', 'held', 'not-sent', 'twice', 'answers-held'] as const;
export type NetworkMode = (typeof NETWORK_MODES)[number];

const MOST_IN_FLIGHT = 200;
const MOST_ROUNDS = 50;

/** Carries lists of frames, or keeps them for the history to deliver, repeat, reorder and forget. */
export class HostileNetwork {
  inFlight: InFlight[] = [];
  isHealed = false;
  mode: NetworkMode = 'chance';
  readonly unreachable = new Set<AgentId>();
  /** Deliveries that are being worked on. */
  working = 0;
  readonly #agents = new Map<AgentId, OrchestratorEnd>();
  #orchestrator: AgentEnd | undefined;

  constructor(private readonly chance: Chance) {}

  openAgentEnd(life: Life, agentId: AgentId): OrchestratorLink {
    const end = new OrchestratorEnd(this, life, agentId);
    this.#agents.set(agentId, end);
    return end;
  }
  openOrchestratorEnd(life: Life): AgentLink {
    this.#orchestrator = new AgentEnd(this, life);
    return this.#orchestrator;
  }

  /** What a send meets: mostly it goes through, sometimes one of the things that networks do. */
  async carry(way: Way, agentId: AgentId, frames: readonly Frame[]): Promise<SendVerdict> {
    if (this.isHealed) return this.#exchange(way, agentId, frames);
    return this.mode === 'chance'
      ? this.#carryByChance(way, agentId, frames)
      : this.#carryAs(this.mode, way, agentId, frames);
  }

  async #carryAs(
    mode: Exclude<NetworkMode, 'chance'>,
    way: Way,
    agentId: AgentId,
    frames: readonly Frame[],
  ): Promise<SendVerdict> {
    if (mode === 'not-sent') return mode;
    if (mode === 'answers-held') return this.#exchangeLosingAnswers(way, agentId, frames);
    if (mode !== 'through') this.#hold({ way, agentId, frames }, 1);
    return mode === 'held' ? 'unknown' : this.#exchange(way, agentId, frames);
  }

  async #carryByChance(way: Way, agentId: AgentId, frames: readonly Frame[]): Promise<SendVerdict> {
    const isUp = this.#isUp(way, agentId);
    if (!isUp && this.chance.is(0.6)) return 'not-sent';
    if (!isUp || this.unreachable.has(agentId)) return this.#hold({ way, agentId, frames }, 0.5);
    const x = this.chance.fraction();
    if (x < 0.1) return 'not-sent';
    if (x < 0.3) return this.#hold({ way, agentId, frames }, 1);
    if (x < 0.4) return 'unknown';
    if (x < 0.55) return this.#exchangeLosingAnswers(way, agentId, frames);
    if (x < 0.65) this.#hold({ way, agentId, frames }, 1);
    return this.#exchange(way, agentId, frames);
  }

  /** @param isKept a copy stays in flight, and comes once more */
  async deliver(index: number, { isKept }: { readonly isKept: boolean }): Promise<void> {
    const message = this.inFlight[index];
    if (!message) return;
    if (!isKept) this.inFlight.splice(index, 1);
    const { way, agentId, frames } = message;
    await (this.mode === 'through'
      ? this.#exchange(way, agentId, frames)
      : this.#exchangeLosingAnswers(way, agentId, frames));
  }

  drop(index: number): void {
    this.inFlight.splice(index, 1);
  }

  #hold(message: InFlight, probability: number): SendVerdict {
    if (message.frames.length > 0 && this.chance.is(probability)) this.inFlight.push(message);
    if (this.inFlight.length > MOST_IN_FLIGHT) this.inFlight.splice(0, MOST_IN_FLIGHT / 2);
    return 'unknown';
  }

  /** As http does it: answers are answered until nobody has anything to say. */
  async #exchange(way: Way, agentId: AgentId, frames: readonly Frame[]): Promise<SendVerdict> {
    let towards = way;
    let list = frames;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const answer = await this.#hand(towards, agentId, list);
      if (!answer) return round === 0 ? 'not-sent' : 'unknown';
      if (answer.length === 0) break;
      towards = towards === 'to-agent' ? 'to-orchestrator' : 'to-agent';
      list = answer;
    }
    return 'sent';
  }

  async #exchangeLosingAnswers(way: Way, agentId: AgentId, frames: readonly Frame[]): Promise<SendVerdict> {
    const answer = await this.#hand(way, agentId, frames);
    const back = way === 'to-agent' ? 'to-orchestrator' : 'to-agent';
    if (answer) this.#hold({ way: back, agentId, frames: answer }, this.isHealed || this.mode !== 'chance' ? 1 : 0.8);
    return 'unknown';
  }

  async #hand(way: Way, agentId: AgentId, frames: readonly Frame[]): Promise<Answer> {
    const end = way === 'to-agent' ? this.#agents.get(agentId) : this.#orchestrator;
    if (!end || end.life.isOver) return undefined;
    this.working += 1;
    try {
      const answer = await end.take(agentId, frames);
      // What a program that has crashed by now was about to say stays with it.
      return end.life.isOver ? [] : answer;
    } catch {
      // A list that was refused, or a program that crashed over it.
      return [];
    } finally {
      this.working -= 1;
    }
  }

  #isUp(way: Way, agentId: AgentId): boolean {
    const end = way === 'to-agent' ? this.#agents.get(agentId) : this.#orchestrator;
    return end !== undefined && !end.life.isOver;
  }
}

/** The orchestrator's end. */
class AgentEnd extends AgentLink {
  take: FramesFromAgent = () => Promise.reject(new Error('nobody listens yet'));

  constructor(
    private readonly network: HostileNetwork,
    readonly life: Life,
  ) {
    super();
  }
  override reach({ url }: AgentPlace): Reach {
    return url === null ? 'none' : 'here';
  }
  override async send({ agentId }: AgentAddress, frames: readonly Frame[]): Promise<SendVerdict> {
    return this.life.isOver ? 'not-sent' : this.network.carry('to-agent', agentId, frames);
  }
  override onFrames(handler: FramesFromAgent): void {
    this.take = handler;
  }
  override onPresence(): void {}
  override async close(): Promise<void> {
    this.life.isOver = true;
  }
}

/** The agent's end. */
class OrchestratorEnd extends OrchestratorLink {
  take: FramesFromOrchestrator = () => Promise.reject(new Error('nobody listens yet'));

  constructor(
    private readonly network: HostileNetwork,
    readonly life: Life,
    private readonly agentId: AgentId,
  ) {
    super();
  }
  override async send(_as: OwnIdentity, frames: readonly Frame[]): Promise<SendVerdict> {
    return this.life.isOver ? 'not-sent' : this.network.carry('to-orchestrator', this.agentId, frames);
  }
  override onFrames(handler: FramesFromOrchestrator): void {
    this.take = handler;
  }
  override onPresence(): void {}
  override onForgotten(): void {}
  override async close(): Promise<void> {
    this.life.isOver = true;
  }
}

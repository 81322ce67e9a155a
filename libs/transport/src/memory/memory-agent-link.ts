import type { AgentId } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import {
  AgentLink,
  type AgentAddress,
  type AgentPlace,
  type AgentPresence,
  type FramesFromAgent,
  type Reach,
  type SendVerdict,
} from '../agent-link.js';
import { FRAME_LIST_LIMITS } from '../frames/frame-list.js';
import { PeerPresence } from '../peer-presence.js';
import { sendInRounds } from '../frames/rounds.js';
import type { MemoryMesh } from './memory-mesh.js';

/** The orchestrator's half of the memory transport. A mesh has one. */
export class MemoryAgentLink extends AgentLink {
  readonly #presence = new Map<AgentId, PeerPresence>();
  #handle: FramesFromAgent = () => Promise.reject(new Error('no handler of frames is set'));
  #tellPresence: AgentPresence = () => {};
  readonly #closing = new AbortController();

  constructor(private readonly mesh: MemoryMesh) {
    super();
    mesh.joinOrchestrator(async (from, frames) => {
      this.#presenceOf(from).heard();
      return this.#handle(from, frames);
    });
  }

  override reach(_agent: AgentPlace): Reach {
    return 'here';
  }

  override async send({ agentId }: AgentAddress, frames: readonly Frame[]): Promise<SendVerdict> {
    if (this.#closing.signal.aborted) return 'not-sent';
    const { verdict } = await sendInRounds(frames, {
      post: (list) => this.mesh.carryToAgent(agentId, list, this.#closing.signal),
      handle: async (answer) => this.#handle(agentId, answer),
      limits: FRAME_LIST_LIMITS,
      logger: undefined,
    });
    if (verdict === 'sent') this.#presenceOf(agentId).answered();
    else this.#presenceOf(agentId).failed();
    return verdict;
  }

  override onFrames(handler: FramesFromAgent): void {
    this.#handle = handler;
  }

  override onPresence(handler: AgentPresence): void {
    this.#tellPresence = handler;
  }

  override close(): Promise<void> {
    this.#closing.abort();
    this.mesh.joinOrchestrator(undefined);
    return Promise.resolve();
  }

  #presenceOf(agentId: AgentId): PeerPresence {
    const known = this.#presence.get(agentId);
    if (known) return known;
    const presence = new PeerPresence(this.mesh.clock, (present) => this.#tellPresence(agentId, present));
    this.#presence.set(agentId, presence);
    return presence;
  }
}

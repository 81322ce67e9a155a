import type { AgentId } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import type { SendVerdict } from '../agent-link.js';
import { FRAME_LIST_LIMITS } from '../frames/frame-list.js';
import { PeerPresence } from '../peer-presence.js';
import { sendInRounds } from '../frames/rounds.js';
import { OrchestratorLink, type FramesFromOrchestrator, type OwnIdentity } from '../orchestrator-link.js';
import type { MemoryMesh } from './memory-mesh.js';

/** The agent's half of the memory transport; `agentId` is where the mesh delivers. */
export class MemoryOrchestratorLink extends OrchestratorLink {
  readonly #presence: PeerPresence;
  #handle: FramesFromOrchestrator = () => Promise.reject(new Error('no handler of frames is set'));
  #tellPresence: (present: boolean) => void = () => {};
  #tellForgotten: () => void = () => {};
  readonly #closing = new AbortController();

  constructor(
    private readonly mesh: MemoryMesh,
    private readonly agentId: AgentId,
  ) {
    super();
    this.#presence = new PeerPresence(mesh.clock, (present) => this.#tellPresence(present));
    mesh.joinAgent(agentId, async (frames) => {
      this.#presence.heard();
      return this.#handle(agentId, frames);
    });
  }

  override async send(as: OwnIdentity, frames: readonly Frame[]): Promise<SendVerdict> {
    if (this.#closing.signal.aborted) return 'not-sent';
    const { verdict } = await sendInRounds(frames, {
      post: (list) => this.mesh.carryToOrchestrator(as.agentId, list, this.#closing.signal),
      handle: async (answer) => this.#handle(as.agentId, answer),
      limits: FRAME_LIST_LIMITS,
      logger: undefined,
    });
    if (verdict === 'sent') this.#presence.answered();
    else if (this.mesh.isForgotten(as.agentId)) this.#tellForgotten();
    else this.#presence.failed();
    return verdict;
  }

  override onFrames(handler: FramesFromOrchestrator): void {
    this.#handle = handler;
  }

  override onPresence(handler: (present: boolean) => void): void {
    this.#tellPresence = handler;
  }

  override onForgotten(handler: () => void): void {
    this.#tellForgotten = handler;
  }

  override close(): Promise<void> {
    this.#closing.abort();
    this.mesh.joinAgent(this.agentId, undefined);
    return Promise.resolve();
  }
}

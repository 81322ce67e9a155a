import type { AgentId } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import type { SendVerdict } from './agent-link.js';

/** Who this agent is to the orchestrator; known once it has registered. */
export interface OwnIdentity {
  readonly agentId: AgentId;
  readonly key: string;
}

/** `agentId` is the id under which the orchestrator addressed this agent. */
export type FramesFromOrchestrator = (agentId: AgentId, frames: readonly Frame[]) => Promise<readonly Frame[]>;

/** The agent's side of a transport, the twin of AgentLink. */
export abstract class OrchestratorLink {
  /** Never throws. Answering frames go through the `onFrames` handler before this resolves. */
  abstract send(as: OwnIdentity, frames: readonly Frame[]): Promise<SendVerdict>;
  abstract onFrames(handler: FramesFromOrchestrator): void;
  /** The orchestrator became reachable (true) or stopped answering (false). */
  abstract onPresence(handler: (present: boolean) => void): void;
  /** The orchestrator does not know this agent or its key (any more): it has to register again. */
  abstract onForgotten(handler: () => void): void;
  abstract close(): Promise<void>;
}

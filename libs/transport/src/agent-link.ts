import type { AgentId } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';

/** `here`: this process can send now. `elsewhere`: another instance can. `none`: only the agent itself can open the way. */
export type Reach = 'here' | 'elsewhere' | 'none';

/**
 * What became of a message.
 * `sent`: the other side has it (its answer came). `not-sent`: proved that nothing arrived: connection refused, DNS,
 * TLS failed, socket not open, or a plain 401/404/405/413 of the other side's HTTP door. `unknown`: everything else.
 */
export type SendVerdict = 'sent' | 'not-sent' | 'unknown';

/** Who is to be reached, and where it could be dialled. */
export interface AgentPlace {
  readonly agentId: AgentId;
  /** The agent's base url without a trailing slash; null for an agent that only dials itself. */
  readonly url: string | null;
}

export interface AgentAddress extends AgentPlace {
  /** The agent's key, sent as x-api-key to its HTTP door. */
  readonly key: string;
}

export type FramesFromAgent = (from: AgentId, frames: readonly Frame[]) => Promise<readonly Frame[]>;
export type AgentPresence = (agent: AgentId, present: boolean) => void;

/**
 * The orchestrator's side of a transport: a pipe of frames that knows nothing of runs.
 * Frames that come back as the answer to `send` go through the `onFrames` handler like all others, before `send`
 * resolves; what that handler returns is sent on by the adapter. The handler's frames answer the agent's message and
 * carry all that waits for it, so one open direction is enough.
 */
export abstract class AgentLink {
  abstract reach(agent: AgentPlace): Reach;
  /** Never throws. An empty list is a poll: it only fetches what waits at the agent. */
  abstract send(agent: AgentAddress, frames: readonly Frame[]): Promise<SendVerdict>;
  /** One handler; a second call replaces the first. A handler that throws a MeshError refuses the whole list. */
  abstract onFrames(handler: FramesFromAgent): void;
  abstract onPresence(handler: AgentPresence): void;
  /** Ends open connections; sends in flight get `unknown` or `not-sent`. */
  abstract close(): Promise<void>;
}

import type { AgentId, FromAgentHeader, FromAgentKind, JournalId, ToAgent } from '@scriptmesh/contracts';
import type { Reach, SendVerdict } from '@scriptmesh/transport';
import type { Agent } from '../registry/index.js';

/** A message on its way to an agent; the envelope and the MAC are put on by links. */
export type Outgoing = ToAgent & { readonly journalId?: JournalId | null };

/** A message from an agent, its MAC, envelope and owner checked. */
export interface Incoming<H extends FromAgentHeader = FromAgentHeader> {
  readonly header: H;
  /** A view into the received frame; copy it before keeping it. */
  readonly bytes: Uint8Array;
}

/** Gets all messages of its kinds in one received list, in order, in one call, so that they can share one commit. */
export type MessageHandler = (agent: Agent, messages: readonly Incoming[]) => Promise<readonly Outgoing[]>;
/** Says what waits for an agent that is listening right now: what is returned leaves with the answer to its message. */
export type WaitingMessages = (agent: Agent) => Promise<readonly Outgoing[]>;

/**
 * Talks to agents in messages: seals and opens frames, puts the envelope on, checks who speaks, picks the transport.
 * It knows nothing of runs; features above register for the kinds they understand.
 */
export abstract class AgentLinks {
  abstract reach(agent: Agent): Reach;
  /**
   * A message goes out with the journal id that the agent has now; a message about a run of
   * another journal carries its own `journalId`, which wins.
   * Never throws; each send has the time of SCRIPT_MESH_HEARTBEAT_TIMEOUT_SECONDS.
   * @param agent its id, or the agent itself as the caller has just read it, which saves a look-up
   */
  abstract send(agent: AgentId | Agent, messages: readonly Outgoing[]): Promise<SendVerdict>;
  /**
   * Asks for what waits at the agent, at the address that the caller has just read: a sweep reads thousands at once.
   * Never throws.
   */
  abstract poll(agent: Agent): Promise<SendVerdict>;
  /** Called when an agent that only dials itself has opened a way to us, and has said what waited at its side. */
  abstract onOpened(listener: (agent: AgentId) => void): void;
  /** Several handlers may share a kind; they are called in the order of registration, one after another. */
  abstract handle(kinds: readonly FromAgentKind[], handler: MessageHandler): void;
  /** Called after the handlers of every received list (an empty one, too). */
  abstract onTurn(waiting: WaitingMessages): void;
}

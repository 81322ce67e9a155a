/**
 * The orchestrator's half of the websocket transport: holds the sockets that agents have opened. It never dials.
 * The route, with its key check, is the orchestrator's; it hands the upgrade to `accept`.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { isMeshError, type AgentId } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import { WebSocketServer, type WebSocket } from 'ws';
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
import type { Posted } from '../frames/posted.js';
import { sendInRounds, type Door } from '../frames/rounds.js';
import { CLOSE } from './close-codes.js';
import { FrameSocket } from './frame-socket.js';
import { MESSAGE_HEAD_BYTES } from './socket-message.js';

export interface WebSocketAgentLinkOptions {
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  /** Until the answer to a list is there. */
  readonly timeoutMs?: number | undefined;
}

/** A request for an upgrade, as an HTTP server tells of it. */
export interface SocketUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const DEFAULT_TIMEOUT_MS = 3000;

export class WebSocketAgentLink extends AgentLink {
  // Not compressed: output of scripts beside secrets is what attacks on compression live on, and it costs memory for each socket.
  readonly #upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: FRAME_LIST_LIMITS.maxBytes + MESSAGE_HEAD_BYTES,
  });
  readonly #sockets = new Map<AgentId, FrameSocket>();
  readonly #open = new Set<FrameSocket>();
  #handle: FramesFromAgent = () => Promise.reject(new Error('no handler of frames is set'));
  #tellPresence: AgentPresence = () => {};
  #isClosed = false;

  constructor(private readonly options: WebSocketAgentLinkOptions) {
    super();
  }

  /**
   * Completes the upgrade; the caller has checked that the key is this agent's. An older socket of the agent is closed.
   * @param heard called for every list that comes over this socket
   */
  accept(from: AgentId, { request, socket, head }: SocketUpgrade, heard: () => void = () => {}): void {
    if (this.#isClosed) socket.destroy();
    else this.#upgrades.handleUpgrade(request, socket, head, (opened) => this.#take(from, opened, heard));
  }

  /** The agent is not known any more: its socket is closed, and what still comes over it is not looked at. */
  drop(agent: AgentId): void {
    this.#sockets.get(agent)?.close(CLOSE.forgotten, 'this agent is not known');
  }

  override reach({ agentId }: AgentPlace): Reach {
    return this.#sockets.has(agentId) ? 'here' : 'none';
  }

  override async send({ agentId }: AgentAddress, frames: readonly Frame[]): Promise<SendVerdict> {
    const socket = this.#sockets.get(agentId);
    if (!socket) return 'not-sent';
    const post = (list: readonly Frame[]): Promise<Posted> => socket.post(list);
    const { verdict, why } = await sendInRounds(frames, { post, ...this.#doorOf(agentId) });
    if (verdict !== 'sent') this.options.logger?.debug('transport.send-failed', { agentId, verdict, why });
    return verdict;
  }

  override onFrames(handler: FramesFromAgent): void {
    this.#handle = handler;
  }

  /** Present: it has a socket here. A socket that replaces another one is told as gone and come. */
  override onPresence(handler: AgentPresence): void {
    this.#tellPresence = handler;
    for (const agentId of this.#sockets.keys()) handler(agentId, true);
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    const open = [...this.#open];
    for (const socket of open) socket.close(CLOSE.goingAway, 'the orchestrator is stopping');
    await Promise.all(open.map(({ gone }) => gone));
  }

  #take(from: AgentId, opened: WebSocket, heard: () => void): void {
    const { clock, logger, timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    const socket: FrameSocket = new FrameSocket(opened, {
      clock,
      timeoutMs,
      door: this.#doorOf(from, heard),
      onClosed: (code) => this.#forget(from, socket, code),
    });
    this.#open.add(socket);
    void socket.gone.then(() => this.#open.delete(socket));
    this.#sockets.get(from)?.close(CLOSE.replaced, 'the agent has opened a newer socket');
    this.#sockets.set(from, socket);
    logger?.info('transport.socket-opened', { agentId: from });
    this.#tellPresence(from, true);
  }

  #forget(from: AgentId, socket: FrameSocket, code: number): void {
    if (this.#sockets.get(from) !== socket) return;
    this.#sockets.delete(from);
    this.options.logger?.info('transport.socket-closed', { agentId: from, code });
    this.#tellPresence(from, false);
  }

  #doorOf(from: AgentId, heard: () => void = () => {}): Door {
    const handle = async (frames: readonly Frame[]): Promise<readonly Frame[]> => {
      heard();
      try {
        return await this.#handle(from, frames);
      } catch (error) {
        // Removed while its socket stood, perhaps by another instance.
        if (isMeshError(error) && error.code === 'agent/not-found') this.drop(from);
        throw error;
      }
    };
    return { handle, limits: FRAME_LIST_LIMITS, logger: this.options.logger };
  }
}

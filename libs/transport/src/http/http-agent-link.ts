/**
 * The orchestrator's half of the http transport: POSTs to the agent's door, and answers what agents POST to ours.
 * The route itself, with its key check, is the orchestrator's; it hands the body to `receive`.
 * An agent without a url, or one that cannot be dialled, still gets everything as the answer to its own POSTs.
 */
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
import { AddressPolicy } from './dialled-address.js';
import type { Posted } from '../frames/posted.js';
import type { ExchangeBounds } from './exchange.js';
import { FramePoster } from './frame-poster.js';
import { undiciPostClient } from './undici-post-client.js';
import { guardedConnector, type ResolveName } from './guarded-connector.js';
import { boundsOf, type HttpLinkOptions } from './http-link-options.js';
import { PeerPresence } from '../peer-presence.js';
import { answerFrames, DOOR_STATUSES, sendInRounds, type Door } from '../frames/rounds.js';

export interface HttpAgentLinkOptions extends HttpLinkOptions {
  /** Which addresses may be dialled; any but metadata addresses when absent. */
  readonly policy?: AddressPolicy | undefined;
  /** Resolves names; the system's resolver when absent. */
  readonly resolveName?: ResolveName | undefined;
}

const AGENT_ROUTE = '/api/v1/frames';
const DEFAULT_TIMEOUT_MS = 3000;

export class HttpAgentLink extends AgentLink {
  readonly #bounds: ExchangeBounds;
  readonly #poster: FramePoster;
  readonly #presence = new Map<AgentId, PeerPresence>();
  #handle: FramesFromAgent = () => Promise.reject(new Error('no handler of frames is set'));
  #tellPresence: AgentPresence = () => {};

  /** A request may take 3 s until its answer begins (`timeoutMs`) and twice as long until it is complete. */
  constructor(private readonly options: HttpAgentLinkOptions) {
    super();
    const bounds = (this.#bounds = boundsOf(options, DEFAULT_TIMEOUT_MS));
    const connect = guardedConnector(options.policy ?? new AddressPolicy(), bounds.timeoutMs, options.resolveName);
    const client = options.client ?? undiciPostClient(connect);
    this.#poster = new FramePoster({ clock: options.clock, bounds, client, proofStatuses: DOOR_STATUSES });
  }

  /** Any instance can dial an agent that has a url. */
  override reach({ url }: AgentPlace): Reach {
    return url === null ? 'none' : 'here';
  }

  override async send(agent: AgentAddress, frames: readonly Frame[]): Promise<SendVerdict> {
    const { url } = agent;
    if (url === null) return 'not-sent';
    const headers = { 'x-api-key': agent.key, 'x-scriptmesh-agent': agent.agentId };
    const to = { baseUrl: url, route: AGENT_ROUTE, headers };
    const post = (list: readonly Frame[]): Promise<Posted> => this.#poster.post(to, list);
    const posted = await sendInRounds(frames, { post, ...this.#door(agent.agentId) });
    this.#learnPresence(agent.agentId, posted);
    return posted.verdict;
  }

  /**
   * Takes the body that the agent `from` has POSTed and gives the body of the answer, which is sent with status 200
   * and FRAMES_CONTENT_TYPE. The caller has checked that the key is this agent's.
   * @throws MeshError request/too-large, message/malformed, or what the handler throws
   */
  receive(from: AgentId, body: Uint8Array): Promise<Uint8Array> {
    this.#presenceOf(from).heard();
    return answerFrames(body, this.#door(from));
  }

  override onFrames(handler: FramesFromAgent): void {
    this.#handle = handler;
  }

  /** Present: the agent answered, or has spoken within the last 30 s. */
  override onPresence(handler: AgentPresence): void {
    this.#tellPresence = handler;
  }

  override close(): Promise<void> {
    return this.#poster.close();
  }

  #door(from: AgentId): Door {
    return {
      handle: async (frames) => this.#handle(from, frames),
      limits: this.#bounds.limits,
      logger: this.options.logger,
    };
  }

  #learnPresence(agentId: AgentId, { verdict, status, why }: Posted): void {
    if (verdict === 'sent') return this.#presenceOf(agentId).answered();
    this.#presenceOf(agentId).failed();
    this.options.logger?.debug('transport.send-failed', { agentId, verdict, status, why });
  }

  #presenceOf(agentId: AgentId): PeerPresence {
    const known = this.#presence.get(agentId);
    if (known) return known;
    const presence = new PeerPresence(this.options.clock, (present) => this.#tellPresence(agentId, present));
    this.#presence.set(agentId, presence);
    return presence;
  }
}

/**
 * The agent's half of the http transport: POSTs to the orchestrator, and answers what the orchestrator POSTs to the
 * agent's own door. The door's route, with its key check, is the agent's; it hands the body to `receive`.
 */
import type { AgentId } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import type { SendVerdict } from '../agent-link.js';
import { OrchestratorLink, type FramesFromOrchestrator, type OwnIdentity } from '../orchestrator-link.js';
import type { Posted } from '../frames/posted.js';
import type { ExchangeBounds } from './exchange.js';
import { CONNECTIONS_PER_ORIGIN, FramePoster } from './frame-poster.js';
import { NodePostClient } from './node-post-client.js';
import { boundsOf, type HttpLinkOptions } from './http-link-options.js';
import { PeerPresence } from '../peer-presence.js';
import type { ShownCertificate } from '../shown-certificate.js';
import { answerFrames, DOOR_STATUSES, sendInRounds, type Door } from '../frames/rounds.js';

export interface HttpOrchestratorLinkOptions extends HttpLinkOptions {
  /** Without a trailing slash. */
  readonly orchestratorUrl: string;
  readonly certificate?: ShownCertificate | null;
}

/** Longer than the other way round: a list may hold much output, and is answered only after a durable commit. */
const DEFAULT_TIMEOUT_MS = 10_000;
const FORGOTTEN_STATUSES = new Set([401, 403, 404]);
/** The orchestrator's route does nothing before it has checked key and id, so its 403 proves as much as its 401. */
const PROOF_STATUSES = new Set([...DOOR_STATUSES, 403]);

export class HttpOrchestratorLink extends OrchestratorLink {
  readonly #bounds: ExchangeBounds;
  readonly #poster: FramePoster;
  readonly #presence: PeerPresence;
  #handle: FramesFromOrchestrator = () => Promise.reject(new Error('no handler of frames is set'));
  #tellPresence: (present: boolean) => void = () => {};
  #tellForgotten: () => void = () => {};

  constructor(private readonly options: HttpOrchestratorLinkOptions) {
    super();
    const { clock } = options;
    const bounds = (this.#bounds = boundsOf(options, DEFAULT_TIMEOUT_MS));
    const client = options.client ?? new NodePostClient(CONNECTIONS_PER_ORIGIN, bounds.timeoutMs, options.certificate);
    this.#poster = new FramePoster({ clock, bounds, client, proofStatuses: PROOF_STATUSES });
    this.#presence = new PeerPresence(clock, (present) => this.#tellPresence(present));
  }

  override async send(as: OwnIdentity, frames: readonly Frame[]): Promise<SendVerdict> {
    const route = `/api/v1/agents/${encodeURIComponent(as.agentId)}/frames`;
    const to = { baseUrl: this.options.orchestratorUrl, route, headers: { 'x-api-key': as.key } };
    const post = (list: readonly Frame[]): Promise<Posted> => this.#poster.post(to, list);
    const posted = await sendInRounds(frames, { post, ...this.#door(as.agentId) });
    this.#learn(posted);
    return posted.verdict;
  }

  /**
   * Takes the body that the orchestrator has POSTed to the agent `agentId` (its header x-scriptmesh-agent) and gives
   * the body of the answer, which is sent with status 200 and FRAMES_CONTENT_TYPE. The caller has checked the key.
   * @throws MeshError request/too-large, message/malformed, or what the handler throws
   */
  receive(agentId: AgentId, body: Uint8Array): Promise<Uint8Array> {
    this.#presence.heard();
    return answerFrames(body, this.#door(agentId));
  }

  override onFrames(handler: FramesFromOrchestrator): void {
    this.#handle = handler;
  }

  /** Present: the orchestrator answered, or has spoken within the last 30 s. */
  override onPresence(handler: (present: boolean) => void): void {
    this.#tellPresence = handler;
  }

  override onForgotten(handler: () => void): void {
    this.#tellForgotten = handler;
  }

  override close(): Promise<void> {
    return this.#poster.close();
  }

  #door(agentId: AgentId): Door {
    return {
      handle: async (frames) => this.#handle(agentId, frames),
      limits: this.#bounds.limits,
      logger: this.options.logger,
    };
  }

  #learn({ verdict, status, why }: Posted): void {
    if (verdict === 'sent') return this.#presence.answered();
    this.options.logger?.debug('transport.send-failed', { verdict, status, why });
    // It turned us away, but it is there.
    if (status !== null && FORGOTTEN_STATUSES.has(status)) this.#tellForgotten();
    else this.#presence.failed();
  }
}

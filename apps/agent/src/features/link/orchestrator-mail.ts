import { MeshError, type AgentId, type Of, type ToAgentHeader, type ToAgentKind } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import { withLogContext, type LogFields, type Logger } from '@scriptmesh/logging';
import type { OrchestratorLink, SendVerdict } from '@scriptmesh/transport';
import type { MessageSeal } from './message-seal.js';
import type { Outgoing } from './outgoing.js';
import type { OwnId } from './own-id.js';
import type { WelcomeGate } from './welcome-gate.js';

type MessageHandler<K extends ToAgentKind = ToAgentKind> = (
  header: Of<ToAgentHeader, K>,
) => Promise<readonly Outgoing[]>;
/** Says what waits for the orchestrator, which is listening right now; `isPoll`: it came with empty hands. */
type WaitingMessages = (isPoll: boolean) => Promise<readonly Outgoing[]>;

/** These are understood before the welcome, and one by one before all others of their list. */
const BEFORE_WELCOME: ReadonlySet<ToAgentKind> = new Set(['welcome', 'journal/retired', 'helloWanted']);

/**
 * Talks to the orchestrator in messages: seals and opens frames, checks who speaks, and hands each message to the
 * feature that registered for its kind. It knows nothing of runs.
 */
export class OrchestratorMail {
  readonly #handlers = new Map<ToAgentKind, MessageHandler>();
  readonly #waiting: WaitingMessages[] = [];
  readonly #presence: ((present: boolean) => void)[] = [];

  constructor(
    private readonly link: OrchestratorLink,
    private readonly seal: MessageSeal,
    private readonly ownId: OwnId,
    private readonly gate: WelcomeGate,
    private readonly log: Logger,
  ) {
    link.onFrames((_, frames) => this.#receive(frames));
    link.onPresence((present) => this.#presence.forEach((listener) => listener(present)));
  }

  /** One handler for each kind. Messages of different runs are handled side by side, in the order of their list. */
  handle<K extends ToAgentKind>(kind: K, handler: MessageHandler<K>): void {
    this.#handlers.set(kind, handler as unknown as MessageHandler);
  }
  /** For what needs no answer: nobody waits for the work, neither this list nor the next one. */
  takeNote<K extends ToAgentKind>(kind: K, work: (header: Of<ToAgentHeader, K>) => Promise<void>): void {
    this.handle(kind, async (header) => {
      void this.#tryTo(header, () => work(header));
      return [];
    });
  }
  /** Called after each received list, an empty one too: what is returned leaves with the answer. */
  onTurn(waiting: WaitingMessages): void {
    this.#waiting.push(waiting);
  }
  onPresence(listener: (present: boolean) => void): void {
    this.#presence.push(listener);
  }
  onForgotten(listener: () => void): void {
    this.link.onForgotten(listener);
  }

  /** Never throws. An agent without an id cannot send yet: `not-sent`. */
  async send(messages: readonly Outgoing[]): Promise<SendVerdict> {
    const { agentId } = this.ownId;
    if (!agentId) return 'not-sent';
    return this.link.send(this.seal.identityOf(agentId), this.#sealAll(agentId, messages));
  }

  /** A frame that is not authentic or not understood refuses its whole list, before any of it is acted on. */
  async #receive(frames: readonly Frame[]): Promise<readonly Frame[]> {
    const headers = frames.map((frame) => this.seal.open(frame));
    for (const header of headers) await this.#checkOwner(header.agentId);
    const answers: (readonly Outgoing[])[] = [];
    for (const header of headers) if (BEFORE_WELCOME.has(header.kind)) answers.push(await this.#hand(header));
    if (this.gate.isOpen) {
      const others = headers.filter((header) => !BEFORE_WELCOME.has(header.kind));
      answers.push(...(await Promise.all(others.map((header) => this.#hand(header)))));
    }
    for (const waiting of this.#waiting) answers.push(await waiting(frames.length === 0));
    const { agentId } = this.ownId;
    return agentId ? this.#sealAll(agentId, answers.flat()) : [];
  }

  /**
   * The MAC proves that the orchestrator speaks to the holder of this key. An agent that could not register by itself
   * learns its id from such a frame; a known id is given up only before the welcome, so that no old frame turns it back.
   */
  async #checkOwner(named: AgentId): Promise<void> {
    if (named === this.ownId.agentId) return;
    if (this.gate.isOpen) {
      throw new MeshError('auth/forbidden', `a frame is for the agent ${named}, which this agent is not`);
    }
    this.log.info('link.id-learnt', { agentId: named });
    await this.ownId.keep(named);
  }

  async #hand(header: ToAgentHeader): Promise<readonly Outgoing[]> {
    const handler = this.#handlers.get(header.kind);
    // No answer is an answer that the orchestrator knows: it asks again.
    return (handler && (await this.#tryTo(header, () => handler(header)))) ?? [];
  }

  async #tryTo<T>(header: ToAgentHeader, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await withLogContext(runOf(header), work);
    } catch (error) {
      this.log.error('link.message-failed', { ...runOf(header), kind: header.kind, error });
      return undefined;
    }
  }

  #sealAll(agentId: AgentId, messages: readonly Outgoing[]): readonly Frame[] {
    return messages.map((message) => this.seal.seal(agentId, message));
  }
}

/** For the log: which run a message is about, if it is about one. */
const runOf = (header: ToAgentHeader): LogFields => ('runId' in header ? { runId: header.runId } : {});

import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  LEGACY_TRANSPORT,
  MESSAGE_VERSION,
  type AgentId,
  type FromAgentKind,
  type OrchestratorEnvelope,
} from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import { AgentLink, type AgentAddress, type Reach, type SendVerdict } from '@scriptmesh/transport';
import { AgentCredentials, AgentDirectory, type Agent, type AgentCredential } from '../registry/index.js';
import { AgentLinks, type Incoming, type MessageHandler, type Outgoing, type WaitingMessages } from './agent-links.js';
import { EnvelopeMaker } from './envelope-maker.js';
import { IncomingFrames } from './incoming-frames.js';

interface Registered {
  readonly kinds: ReadonlySet<FromAgentKind>;
  readonly handler: MessageHandler;
}

@Injectable()
export class FrameAgentLinks extends AgentLinks implements OnApplicationShutdown {
  readonly #handlers: Registered[] = [];
  readonly #waiting: WaitingMessages[] = [];
  readonly #opened: ((agent: AgentId) => void)[] = [];

  constructor(
    private readonly agents: AgentDirectory,
    private readonly credentials: AgentCredentials,
    private readonly incoming: IncomingFrames,
    private readonly envelopes: EnvelopeMaker,
    private readonly transport: AgentLink,
  ) {
    super();
    transport.onFrames((from, frames) => this.#receive(from, frames));
    transport.onPresence((agent, present) => {
      if (present) void this.#noteOpened(agent).catch((error: unknown) => incoming.noteUnsent(agent, error));
    });
  }

  override reach(agent: Agent): Reach {
    return this.transport.reach({ agentId: agent.id, url: agent.url });
  }

  override async send(to: AgentId | Agent, messages: readonly Outgoing[]): Promise<SendVerdict> {
    const prepared = await this.#prepare(to, messages).catch((error: unknown) =>
      this.incoming.noteUnsent(typeof to === 'string' ? to : to.id, error),
    );
    return prepared ? this.transport.send(prepared.to, prepared.frames) : 'not-sent';
  }

  override async poll({ id, url }: Agent): Promise<SendVerdict> {
    if (this.transport.reach({ agentId: id, url }) === 'none') return 'not-sent';
    const credential = await this.credentials
      .getCredential(id)
      .catch((error: unknown) => this.incoming.noteUnsent(id, error));
    return credential ? this.transport.send({ agentId: id, url, key: credential.key }, []) : 'not-sent';
  }

  override handle(kinds: readonly FromAgentKind[], handler: MessageHandler): void {
    this.#handlers.push({ kinds: new Set(kinds), handler });
  }

  override onTurn(waiting: WaitingMessages): void {
    this.#waiting.push(waiting);
  }

  override onOpened(listener: (agent: AgentId) => void): void {
    this.#opened.push(listener);
  }

  onApplicationShutdown(): Promise<void> {
    return this.transport.close();
  }

  async #prepare(idOrAgent: AgentId | Agent, messages: readonly Outgoing[]) {
    const agent = typeof idOrAgent === 'string' ? await this.agents.findAgent(idOrAgent) : idOrAgent;
    // Frames mean nothing to an agent of 0.2.
    if (!agent || agent.transport === LEGACY_TRANSPORT || this.reach(agent) === 'none') return undefined;
    const credential = await this.credentials.getCredential(agent.id);
    const to: AgentAddress = { agentId: agent.id, url: agent.url, key: credential.key };
    return { to, frames: this.#seal(agent, credential, messages) };
  }

  /** An agent that is dialled is polled in its time; one that dials is asked in the moment it comes. */
  async #noteOpened(id: AgentId): Promise<void> {
    const agent = await this.agents.findAgent(id);
    if (!agent || agent.url !== null || this.reach(agent) === 'none') return;
    await this.poll(agent);
    for (const tell of this.#opened) tell(id);
  }

  async #receive(from: AgentId, frames: readonly Frame[]): Promise<readonly Frame[]> {
    const agent = await this.agents.getAgent(from);
    const credential = await this.credentials.getCredential(from);
    const { messages, answers } = await this.incoming.open(agent, credential.sealer, frames);
    const [handled] = await Promise.all([this.#callHandlers(agent, messages), this.incoming.keepCount(agent)]);
    const replies = [...answers, ...handled];
    // A hello may just have changed journal and epoch.
    const current = messages.some(({ header }) => header.kind === 'hello') ? await this.agents.getAgent(from) : agent;
    for (const waiting of this.#waiting) replies.push(...(await waiting(current)));
    return this.#seal(current, credential, replies);
  }

  async #callHandlers(agent: Agent, messages: readonly Incoming[]): Promise<readonly Outgoing[]> {
    const replies: Outgoing[] = [];
    for (const { kinds, handler } of this.#handlers) {
      const fitting = messages.filter(({ header }) => kinds.has(header.kind));
      if (fitting.length > 0) replies.push(...(await handler(agent, fitting)));
    }
    return replies;
  }

  #seal(agent: Agent, { sealer }: AgentCredential, messages: readonly Outgoing[]): readonly Frame[] {
    const envelope: OrchestratorEnvelope = {
      v: MESSAGE_VERSION,
      agentId: agent.id,
      keyId: sealer.keyId,
      ...this.envelopes.make(agent),
    };
    return messages.map((message) => sealer.seal('to-agent', { ...envelope, ...message }));
  }
}

import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LOG_PART_BYTES, MeshError, type AgentId, type LogAsk } from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import { Clock, Ids } from '@scriptmesh/runtime';
import { AgentLinks, type Incoming, type Outgoing } from '../links/index.js';
import { AgentNotes, type Agent } from '../registry/index.js';

const LIST_WITHIN_MS = 5_000;
const READ_WITHIN_MS = 10_000;
/** An agent that cannot be dialled gets the question with its next word, at the latest its next heartbeat. */
const NEXT_WORD_WITHIN_MS = 15_000;
const SPEAKS_ITSELF_MS = 30_000;
const MAX_REPORT_BYTES = 1024 * 1024;
/** Of one list to one agent. */
const MAX_WAITING = 8;

export type LogQuestion = { readonly kind: 'listLogs' } | ({ readonly kind: 'readLog' } & LogAsk);

interface Pending {
  readonly agentId: AgentId;
  readonly answerKind: 'logs' | 'logPart';
  /** Waits for a word of the agent to leave with the answer; null when it is on its way. */
  waiting: Outgoing | null;
  readonly settle: (answer: Incoming | MeshError) => void;
}

/** Asks agents about logs, and ties their answers to the questions. What nobody asked for is dropped. */
@Injectable()
export class LogRequests implements OnModuleInit, BeforeApplicationShutdown {
  readonly #pending = new Map<string, Pending>();

  constructor(
    private readonly links: AgentLinks,
    private readonly notes: AgentNotes,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.links.handle(['logs', 'logPart', 'logFault'], (agent, messages) => {
      for (const message of messages) this.#receive(agent, message);
      return Promise.resolve([]);
    });
    this.links.onTurn((agent) => Promise.resolve(this.#takeWaiting(agent.id)));
  }

  beforeApplicationShutdown(): void {
    const stopping = new MeshError('orchestrator/stopping', 'the orchestrator stops before the agent has answered');
    for (const { settle } of this.#pending.values()) settle(stopping);
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  /** The answer's bytes are a copy. @throws MeshError agent/unreachable, orchestrator/stopping, or the agent's own fault */
  async ask(agent: Agent, question: LogQuestion): Promise<Incoming> {
    const requestId = this.ids.randomHex(16);
    const answerKind = question.kind === 'listLogs' ? 'logs' : 'logPart';
    const usual = question.kind === 'listLogs' ? LIST_WITHIN_MS : READ_WITHIN_MS;
    const isReached = this.links.reach(agent) !== 'none';
    const withinMs = isReached ? usual : NEXT_WORD_WITHIN_MS;
    const message = { ...question, requestId };
    let settle: Pending['settle'] = () => {};
    const answered = new Promise<Incoming | MeshError>((resolve) => (settle = resolve));
    const timer = this.clock.after(withinMs, () =>
      settle(unreachable(agent, `did not answer within ${withinMs / 1000} s`)),
    );
    const pending = { agentId: agent.id, answerKind, waiting: isReached ? null : message, settle } as Pending;
    this.#pending.set(requestId, pending);
    if (isReached) void this.#send(agent, pending, message);
    try {
      const answer = await answered;
      if (answer instanceof MeshError) throw answer;
      return answer;
    } finally {
      timer.stop();
      this.#pending.delete(requestId);
    }
  }

  async #send(agent: Agent, pending: Pending, message: Outgoing): Promise<void> {
    if ((await this.links.send(agent.id, [message])) !== 'not-sent') return;
    if (this.#speaksItself(agent.id)) pending.waiting = message;
    else pending.settle(unreachable(agent, 'cannot be reached'));
  }

  #speaksItself(agentId: AgentId): boolean {
    const spokeAtMs = this.notes.find(agentId)?.lastSpokeItselfMonotonicMs ?? -Infinity;
    return this.clock.monotonicMs() - spokeAtMs < SPEAKS_ITSELF_MS;
  }

  #takeWaiting(agentId: AgentId): readonly Outgoing[] {
    const taken: Outgoing[] = [];
    for (const pending of this.#pending.values()) {
      if (pending.agentId !== agentId || !pending.waiting || taken.length === MAX_WAITING) continue;
      taken.push(pending.waiting);
      pending.waiting = null;
    }
    return taken;
  }

  #receive(agent: Agent, { header, bytes }: Incoming): void {
    if (header.kind !== 'logs' && header.kind !== 'logPart' && header.kind !== 'logFault') return;
    const pending = this.#pending.get(header.requestId);
    const isAsked = pending?.agentId === agent.id && (header.kind === 'logFault' || header.kind === pending.answerKind);
    const isBounded = bytes.byteLength <= (header.kind === 'logs' ? MAX_REPORT_BYTES : LOG_PART_BYTES);
    if (!pending || !isAsked || !isBounded) {
      this.log.warn('logs.answer-dropped', { agentId: agent.id, kind: header.kind, bytes: bytes.byteLength });
      return;
    }
    if (header.kind === 'logFault') pending.settle(toError(agent, header.code, header.why));
    else pending.settle({ header, bytes: Uint8Array.from(bytes) });
  }
}

/** An agent may say only what concerns its logs: no other code of ours comes from its mouth. */
function toError(agent: Agent, code: MeshError['code'], why: string): MeshError {
  if (code === 'log/not-found' || code === 'log/unreadable')
    return new MeshError(code, `on the agent ${agent.name}: ${why}`);
  if (code === 'agent/busy')
    return new MeshError(code, `the agent ${agent.name}: ${why}`, { hint: 'Try again.', retryAfterSeconds: 1 });
  return new MeshError(
    'agent/bad-answer',
    `the agent ${agent.name} answered a question about logs with ${code}: ${why}`,
  );
}

const unreachable = (agent: Agent, why: string): MeshError =>
  new MeshError('agent/unreachable', `the agent ${agent.name} ${why}`, {
    hint: `Check that it is running and knows about logs: "scriptmesh agents show ${agent.name}".`,
    retryAfterSeconds: 5,
  });

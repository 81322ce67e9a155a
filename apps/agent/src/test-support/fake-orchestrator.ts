import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  parseFromAgent,
  type AgentId,
  type FromAgentHeader,
  type FromAgentKind,
  type JournalId,
  type Of,
  type RunId,
  type Stream,
  type ToAgent,
} from '@scriptmesh/contracts';
import { FrameSealer } from '@scriptmesh/crypto';
import { decodeFrames, encodeFrames, FRAMES_CONTENT_TYPE } from '@scriptmesh/transport';

const AGENT_ID = '019b7600-0000-7000-8000-00000000a9e7' as AgentId;
export const RECEIPT = 'r'.repeat(43);

interface Heard {
  readonly header: FromAgentHeader;
  readonly bytes: Buffer;
}

/** Keeps the orchestrator's half of the protocol for one agent, and lets a test bend it. */
export class FakeOrchestrator {
  readonly heard: Heard[] = [];
  readonly registrations: { readonly key: string; readonly body: Record<string, unknown> }[] = [];
  readonly output = new Map<string, Buffer>();
  /** Milliseconds since 1970, as told to the agent. */
  nowMs = 1_800_000_000_000;
  countSeen = -1;
  epoch = 0;
  journalId: JournalId | null = null;
  /** Statuses for the next registrations; 201 when none is left. */
  registrationStatuses: number[] = [];
  /** Answers nothing to frames when false. */
  isAcknowledging = true;
  framesStatus = 200;
  #server: Server;
  #waiters: (() => void)[] = [];
  #sealer: FrameSealer | undefined;
  #agentUrl = '';

  private constructor(private agentKey: string) {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(agentKey: string): Promise<FakeOrchestrator> {
    const fake = new FakeOrchestrator(agentKey);
    fake.#sealer = new FrameSealer(agentKey);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  get agentId(): AgentId {
    return AGENT_ID;
  }
  get agentUrl(): string {
    return this.#agentUrl;
  }
  set agentUrl(url: string) {
    this.#agentUrl = url;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Resolves with the first message of the kind (about the run), waiting for it when it has not come yet. */
  async waitFor<K extends FromAgentKind>(kind: K, runId?: RunId): Promise<Of<FromAgentHeader, K>> {
    for (;;) {
      const found = this.heard.find(
        ({ header }) => header.kind === kind && (!runId || ('runId' in header && header.runId === runId)),
      );
      if (found) return found.header as Of<FromAgentHeader, K>;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  outputOf(runId: RunId, stream: Stream): string {
    return (this.output.get(`${runId} ${stream}`) ?? Buffer.alloc(0)).toString('utf8');
  }

  /** Posts messages to the agent's door and takes in its answer. */
  async post(
    messages: readonly ToAgent[],
    options: { key?: string; frames?: readonly Uint8Array[] } = {},
  ): Promise<Response> {
    const frames = options.frames ?? messages.map((message) => this.seal(message));
    const response = await fetch(`${this.#agentUrl}/api/v1/frames`, {
      method: 'POST',
      headers: {
        'x-api-key': options.key ?? this.agentKey,
        'content-type': FRAMES_CONTENT_TYPE,
        'x-scriptmesh-agent': AGENT_ID,
      },
      body: new Uint8Array(encodeFrames(frames)),
    });
    const body = Buffer.from(await response.clone().arrayBuffer());
    if (response.status === 200) this.#takeIn(body);
    return response;
  }

  offer(runId: RunId, script: string, more: Partial<Of<ToAgent, 'offer'>> = {}): Of<ToAgent, 'offer'> {
    return {
      kind: 'offer',
      runId,
      receipt: RECEIPT,
      script,
      params: {},
      deliverBy: this.nowMs + 60_000,
      timeoutMs: null,
      ...more,
    };
  }

  seal(message: ToAgent, journalId = this.journalId): Uint8Array {
    const envelope = { v: 1, agentId: AGENT_ID, keyId: this.#sealer?.keyId, journalId, now: this.nowMs, storeSeq: 1 };
    return (this.#sealer as FrameSealer).seal('to-agent', { ...envelope, ...message });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (request.url === '/api/v1/agents') return this.#register(request, response, body);
    if (this.framesStatus !== 200) return void response.writeHead(this.framesStatus).end();
    const answers = this.#takeIn(body).map((message) => this.seal(message));
    response.writeHead(200, { 'content-type': FRAMES_CONTENT_TYPE }).end(encodeFrames(answers));
  }

  #register(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    this.registrations.push({ key: String(request.headers['x-api-key']), body: JSON.parse(body.toString('utf8')) });
    const status = this.registrationStatuses.shift() ?? 201;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(status === 201 ? { id: AGENT_ID } : { code: 'auth/unauthorized', detail: 'no', hint: '' }),
    );
    this.#tell();
  }

  #takeIn(body: Buffer): readonly ToAgent[] {
    const answers = decodeFrames(body).flatMap((frame) => {
      const opened = (this.#sealer as FrameSealer).open('from-agent', frame);
      const heard = { header: parseFromAgent(opened.header), bytes: Buffer.from(opened.bytes) };
      this.heard.push(heard);
      return this.isAcknowledging ? this.#answer(heard) : [];
    });
    this.#tell();
    return answers;
  }

  #answer({ header, bytes }: Heard): readonly ToAgent[] {
    if (header.kind === 'hello') return [this.#welcome(header)];
    if (header.kind === 'chunk') return [this.#keep(header, bytes)];
    if (header.kind === 'result' || header.kind === 'lost' || header.kind === 'spawnFailed') {
      return [{ kind: 'ackResult', runId: header.runId, receipt: header.receipt }];
    }
    return [];
  }

  #welcome(hello: Of<FromAgentHeader, 'hello'>): ToAgent {
    if (hello.journalId !== this.journalId && hello.epoch !== this.epoch) {
      return { kind: 'welcome', startId: hello.startId, epoch: this.epoch, countSeen: -1 };
    }
    if (hello.journalId !== this.journalId) {
      this.journalId = hello.journalId;
      this.countSeen = hello.recordCount;
      this.epoch += 1;
    }
    return { kind: 'welcome', startId: hello.startId, epoch: this.epoch, countSeen: this.countSeen };
  }

  #keep({ runId, receipt, stream, offset }: Of<FromAgentHeader, 'chunk'>, bytes: Buffer): ToAgent {
    const kept = this.output.get(`${runId} ${stream}`) ?? Buffer.alloc(0);
    const isGap = offset > kept.length;
    const all = isGap ? kept : Buffer.concat([kept, bytes.subarray(kept.length - offset)]);
    this.output.set(`${runId} ${stream}`, all);
    return { kind: 'ackOutput', runId, receipt, stream, offset: all.length };
  }

  #tell(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

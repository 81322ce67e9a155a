import {
  MESSAGE_VERSION,
  parseToAgent,
  type AgentId,
  type FromAgent,
  type JournalId,
  type SignOfLife,
  type ToAgentHeader,
} from '@scriptmesh/contracts';
import { AgentKeyDigester, FrameSealer, SecretBox, type Frame } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import {
  AgentLink,
  type AgentAddress,
  type AgentPlace,
  type AgentPresence,
  type FramesFromAgent,
  type Reach,
  type SendVerdict,
} from '@scriptmesh/transport';

/** A transport that keeps what is sent, and through which a test speaks as an agent. */
export class HeldLink extends AgentLink {
  readonly sent: { readonly agent: AgentAddress; readonly frames: readonly Frame[] }[] = [];
  verdict: SendVerdict = 'sent';
  /** Called before a send resolves, as a transport does with the frames of the answer. */
  onSend: (agent: AgentAddress) => Promise<void> = () => Promise.resolve();
  closed = false;
  speak: FramesFromAgent = () => Promise.reject(new Error('nobody listens'));

  /** Agents that hold a connection to us. */
  readonly #held = new Set<AgentId>();
  #tellPresence: AgentPresence = () => {};

  /** An agent opens a connection, or loses it. */
  hold(agent: AgentId, isHeld: boolean): void {
    if (isHeld) this.#held.add(agent);
    else this.#held.delete(agent);
    this.#tellPresence(agent, isHeld);
  }

  override reach({ agentId, url }: AgentPlace): Reach {
    return url !== null || this.#held.has(agentId) ? 'here' : 'none';
  }
  override async send(agent: AgentAddress, frames: readonly Frame[]): Promise<SendVerdict> {
    this.sent.push({ agent, frames });
    await this.onSend(agent);
    return this.verdict;
  }
  override onFrames(handler: FramesFromAgent): void {
    this.speak = handler;
  }
  override onPresence(handler: AgentPresence): void {
    this.#tellPresence = handler;
  }
  override close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

export const aSign = (overrides: Partial<SignOfLife> = {}): SignOfLife => ({
  bootId: 'boot-1',
  manifestSha: null,
  freeSlots: 4,
  spoolBytes: 0,
  diskFree: null,
  inventory: [],
  ...overrides,
});

export const START_ID = 'c'.repeat(32);
export const journal = (digit: string): JournalId => digit.repeat(32) as JournalId;

interface Said {
  readonly journalId?: JournalId | null;
  readonly recordCount?: number;
  readonly bytes?: Uint8Array;
  readonly heardSeq?: number;
  readonly heardProof?: string;
}

/** An agent as far as its frames tell. */
export class SpeakingAgent {
  readonly sealer: FrameSealer;
  journalId: JournalId | null = journal('a');
  recordCount = 0;

  constructor(
    readonly id: AgentId,
    readonly key: string,
  ) {
    this.sealer = new FrameSealer(key);
  }

  /** A row as registration would have made it. */
  async insertInto(db: Database, box: SecretBox, digester: AgentKeyDigester, name = 'db-1', url: string | null = null) {
    const row = {
      id: this.id,
      name,
      folded_name: name.toLowerCase(),
      url,
      transport: 'http',
      key_token: box.seal(this.id, this.key),
      key_digest: digester.digest(this.key),
      labels: '{}',
      facts: '{}',
      journal_id: null,
      epoch: 0,
      count_seen: 0,
      manifest_sha: null,
      manifest: null,
      free_slots: null,
      registered_at: 0,
      last_seen_at: null,
    };
    await db.write((trx) => trx.insertInto('agents').values(row).execute());
  }

  seal(message: FromAgent, { bytes, ...said }: Said = {}): Frame {
    const { keyId } = this.sealer;
    const { journalId, recordCount } = this;
    const own = { v: MESSAGE_VERSION, agentId: this.id, keyId, journalId, recordCount, now: 0, heardSeq: 0 };
    const envelope = { ...own, ...said };
    return this.sealer.seal('from-agent', { ...envelope, ...message }, bytes);
  }

  hello(epoch: number, said: Said = {}): Frame {
    return this.seal({ kind: 'hello', startId: START_ID, epoch, ...aSign() }, said);
  }

  heartbeat(sign: Partial<SignOfLife> = {}, said: Said = {}): Frame {
    return this.seal({ kind: 'heartbeat', ...aSign(sign) }, said);
  }

  open(frames: readonly Frame[]): readonly ToAgentHeader[] {
    return frames.map((frame) => parseToAgent(this.sealer.open('to-agent', frame).header));
  }
}

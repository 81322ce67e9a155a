import {
  MESSAGE_VERSION,
  MeshError,
  parseToAgent,
  type AgentEnvelope,
  type AgentId,
  type ToAgentHeader,
} from '@scriptmesh/contracts';
import { FrameSealer, type Frame } from '@scriptmesh/crypto';
import type { OwnIdentity } from '@scriptmesh/transport';
import type { Journal } from '../journal/index.js';
import type { OrchestratorTime } from './orchestrator-time.js';
import type { Outgoing } from './outgoing.js';

/** Turns messages into frames and back: envelope on, envelope checked. */
export class MessageSeal {
  readonly #sealer: FrameSealer;

  constructor(
    private readonly agentKey: string,
    private readonly journal: Journal,
    private readonly time: OrchestratorTime,
  ) {
    this.#sealer = new FrameSealer(agentKey);
  }

  identityOf(agentId: AgentId): OwnIdentity {
    return { agentId, key: this.agentKey };
  }

  /** The record count is taken now, so it never tells of a record that is not durable. */
  seal(agentId: AgentId, { message, bytes }: Outgoing): Frame {
    const heard = this.journal.heardStore(agentId);
    const envelope: AgentEnvelope = {
      v: MESSAGE_VERSION,
      agentId,
      keyId: this.#sealer.keyId,
      journalId: this.journal.journalId,
      now: this.time.nowMs(),
      recordCount: this.journal.recordCount,
      heardSeq: heard?.storeSeq ?? 0,
      ...(heard ? { heardProof: heard.proof } : {}),
    };
    return this.#sealer.seal('from-agent', { ...envelope, ...message }, bytes);
  }

  /** @throws MeshError message/bad-mac, message/malformed, message/unknown-version, message/unknown-kind */
  open(frame: Frame): ToAgentHeader {
    const header = parseToAgent(this.#sealer.open('to-agent', frame).header);
    if (header.keyId !== this.#sealer.keyId) {
      throw new MeshError(
        'message/bad-mac',
        `a frame names the key ${header.keyId}, which is not the key of this agent`,
      );
    }
    this.time.hear(header.now);
    const { agentId, storeSeq, storeProof } = header;
    if (storeProof !== undefined) this.journal.noteHeardStore({ agentId, storeSeq, proof: storeProof });
    return header;
  }
}

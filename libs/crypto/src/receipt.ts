import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { AgentId, RunId } from '@scriptmesh/contracts';

/**
 * Makes and knows receipts: the MAC of run id and agent id under a key derived from the installation's Fernet key, which
 * is not in the database. So a restored database knows its own runs again, and what agents were told of it.
 */
export class ReceiptMaker {
  readonly #key: Uint8Array;

  /** @param fernetKey the oldest Fernet key of the installation (44 url-safe base64 characters), so that rotation keeps receipts valid */
  constructor(fernetKey: string) {
    this.#key = new Uint8Array(
      hkdfSync('sha256', Buffer.from(fernetKey, 'utf8'), 'scriptmesh', 'scriptmesh receipt v1', 32),
    );
  }

  /** base64url without padding, 43 characters. */
  make(runId: RunId, agentId: AgentId): string {
    return this.#mac(`${runId}\n${agentId}`);
  }

  isReceipt(given: string, runId: RunId, agentId: AgentId): boolean {
    return areEqual(given, this.make(runId, agentId));
  }

  /**
   * Proves that this installation told this agent of a count of commits. No run id begins like this.
   * @param opening names the opening of the store by which it is told (base64url)
   * @returns `opening.MAC`
   */
  proveStoreSeq(storeSeq: number, agentId: AgentId, opening: string): string {
    return `${opening}.${this.#mac(`store ${storeSeq} ${opening}\n${agentId}`)}`;
  }

  isStoreProof(given: string, storeSeq: number, agentId: AgentId): boolean {
    return areEqual(given, this.proveStoreSeq(storeSeq, agentId, openingOf(given)));
  }

  #mac(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

/** By which opening of the store a proof says that it was made; the proof may be a forged one. */
export const openingOf = (storeProof: string): string => storeProof.split('.')[0] ?? '';

function areEqual(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}

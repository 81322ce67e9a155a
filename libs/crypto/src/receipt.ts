import { createHmac, hkdfSync } from 'node:crypto';
import type { AgentId, RunId } from '@scriptmesh/contracts';

/** Makes receipts: the MAC of run id and agent id under a key derived from the installation's Fernet key. */
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
    return createHmac('sha256', this.#key).update(`${runId}\n${agentId}`).digest('base64url');
  }
}

import { Injectable } from '@nestjs/common';
import type { AgentId, FromAgentHeader } from '@scriptmesh/contracts';
import { ReceiptMaker } from '@scriptmesh/crypto';
import { Database } from '@scriptmesh/database';
import { Logger } from '@scriptmesh/logging';

/** @param toldSeq what an agent was told, which is more than the store has */
type OnOlderStore = (toldSeq: number) => Promise<void>;

/**
 * Notices that the database is older than what agents were told: it was restored from a backup, behind our back. Only a
 * proof of our own is believed, so that no agent can make us doubt the runs of others.
 */
@Injectable()
export class StoreWatch {
  #listener: OnOlderStore | undefined;
  #noticing: Promise<void> | undefined;

  constructor(
    private readonly db: Database,
    private readonly receipts: ReceiptMaker,
    private readonly log: Logger,
  ) {}

  /** Who listens has to make the store higher than `toldSeq` again. */
  onOlderStore(listener: OnOlderStore): void {
    this.#listener = listener;
  }

  /** Resolves when the frames may be acted on. @throws what the listener throws: then they may not */
  async check(agentId: AgentId, headers: readonly FromAgentHeader[]): Promise<void> {
    for (const { heardSeq, heardProof } of headers) {
      if (heardSeq <= this.db.storeSeq) continue;
      if (heardProof === undefined || !this.receipts.isStoreProof(heardProof, heardSeq, agentId)) {
        this.log.debug('links.unproved-store-seq', { agentId, heardSeq });
        continue;
      }
      // Another instance may have told the agent, of commits that we have not heard of.
      if (heardSeq <= (await this.db.readStoreSeq())) continue;
      await this.#notice(heardSeq);
    }
  }

  /** Several agents may tell of it at once. */
  #notice(toldSeq: number): Promise<void> {
    this.#noticing ??= (this.#listener?.(toldSeq) ?? Promise.resolve()).finally(() => (this.#noticing = undefined));
    return this.#noticing;
  }
}

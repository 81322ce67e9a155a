import { Injectable } from '@nestjs/common';
import type { AgentId, FromAgentHeader, OrchestratorEnvelope } from '@scriptmesh/contracts';
import { openingOf, ReceiptMaker } from '@scriptmesh/crypto';
import { Database } from '@scriptmesh/database';
import { Logger } from '@scriptmesh/logging';
import { Ids } from '@scriptmesh/runtime';

/** @param toldSeq what an agent was told, which is more than the store has */
type OnOlderStore = (toldSeq: number) => Promise<void>;

/**
 * Tells agents how far the store is, and notices by what they say that it is older than what they were told: it was
 * restored from a backup, behind our back. Only a proof of our own is believed, so that no agent can make us doubt the
 * runs of others.
 */
@Injectable()
export class StoreWatch {
  /** Names this opening of the store, so that what was told before it is known as such however far the store has come since. */
  readonly #opening: string;
  /** What may have been told before this opening, by this store or one that was restored and noticed. */
  #knownBefore: number;
  readonly #heardAgents = new Set<AgentId>();
  #listener: OnOlderStore | undefined;
  #noticing: Promise<void> | undefined;

  constructor(
    private readonly db: Database,
    private readonly receipts: ReceiptMaker,
    private readonly log: Logger,
    ids: Ids,
  ) {
    this.#opening = ids.randomHex(8);
    this.#knownBefore = db.openedSeq ?? 0;
  }

  /** Who listens has to make the store higher than `toldSeq` again. */
  onOlderStore(listener: OnOlderStore): void {
    this.#listener = listener;
  }

  /** An agent remembers the highest count: until it has been heard it is told none that would hide what it was told before. */
  tell(agentId: AgentId): Pick<OrchestratorEnvelope, 'storeSeq' | 'storeProof'> {
    const { storeSeq: now, openedSeq } = this.db;
    const storeSeq = this.#heardAgents.has(agentId) ? now : (openedSeq ?? now);
    return { storeSeq, storeProof: this.receipts.proveStoreSeq(storeSeq, agentId, this.#opening) };
  }

  /** Resolves when the frames may be acted on. @throws what the listener throws: then they may not */
  async check(agentId: AgentId, headers: readonly FromAgentHeader[]): Promise<void> {
    for (const { heardSeq, heardProof } of headers) {
      if (heardSeq <= this.#limitOf(heardProof)) continue;
      if (heardProof === undefined || !this.receipts.isStoreProof(heardProof, heardSeq, agentId)) {
        this.log.debug('links.unproved-store-seq', { agentId, heardSeq });
        continue;
      }
      if (await this.#isTold(heardSeq)) continue;
      await this.#notice(heardSeq);
      this.#knownBefore = Math.max(this.#knownBefore, this.db.storeSeq);
    }
    this.#heardAgents.add(agentId);
  }

  #limitOf(proof: string | undefined): number {
    const isOwn = proof !== undefined && openingOf(proof) === this.#opening;
    return isOwn || this.db.openedSeq === undefined ? this.db.storeSeq : this.#knownBefore;
  }

  /** Another instance may have told the agent, of commits that we have not heard of. */
  async #isTold(heardSeq: number): Promise<boolean> {
    return this.db.openedSeq === undefined && heardSeq <= (await this.db.readStoreSeq());
  }

  /** Several agents may tell of it at once. */
  #notice(toldSeq: number): Promise<void> {
    this.#noticing ??= (this.#listener?.(toldSeq) ?? Promise.resolve()).finally(() => (this.#noticing = undefined));
    return this.#noticing;
  }
}

import type { AgentId } from '@scriptmesh/contracts';
import type { HeardStore } from '../journal.js';

/** The furthest that was heard of the orchestrator's store, for each id that this agent has had. */
export class HeardStores {
  readonly #furthest = new Map<AgentId, HeardStore>();
  /** Of the id that was spoken to last. */
  #latest: HeardStore | undefined;

  constructor(heard: Iterable<HeardStore> = []) {
    for (const one of heard) this.note(one);
  }

  note(heard: HeardStore): void {
    const known = this.#furthest.get(heard.agentId);
    // Frames overtake each other: an older one says less.
    this.#latest = known && known.storeSeq >= heard.storeSeq ? known : heard;
    this.#furthest.set(heard.agentId, this.#latest);
  }

  find(agentId: AgentId): HeardStore | undefined {
    return this.#furthest.get(agentId);
  }

  /** For the next record, as a field of its file. */
  get asField(): { readonly heard?: HeardStore } {
    return this.#latest ? { heard: this.#latest } : {};
  }
}

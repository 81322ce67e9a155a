import type { Clock } from '@scriptmesh/runtime';

/** How long a word from the other side outweighs a failure to reach it: three heartbeats. */
const HEARD_FOR_MS = 30_000;

/**
 * Whether the other side is there, told as transitions; it starts as absent. A side that can be dialled from only one
 * end stays present as long as it speaks.
 */
export class PeerPresence {
  #present = false;
  #heardAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (present: boolean) => void,
  ) {}

  /** It sent something of its own accord. */
  heard(): void {
    this.#heardAtMs = this.clock.monotonicMs();
    this.#become(true);
  }

  /** It answered what we sent; from now on the next failure counts at once. */
  answered(): void {
    this.#heardAtMs = Number.NEGATIVE_INFINITY;
    this.#become(true);
  }

  failed(): void {
    if (this.clock.monotonicMs() - this.#heardAtMs > HEARD_FOR_MS) this.#become(false);
  }

  #become(present: boolean): void {
    if (this.#present === present) return;
    this.#present = present;
    this.tell(present);
  }
}

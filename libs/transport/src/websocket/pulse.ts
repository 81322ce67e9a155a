import type { Clock, Timer } from '@scriptmesh/runtime';

/** Shorter than the idle time of common proxies and address translators, the shortest of which is 30 s. */
const PING_EVERY_MS = 15_000;
const MOST_MISSED = 2;

/** Pings, and says when the other side is dead: two pings in a row without a sign of it. */
export class Pulse {
  #missed = 0;
  #timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ping: () => void,
    private readonly onDead: () => void,
  ) {
    this.#schedule();
  }

  /** Anything came from the other side. */
  heard(): void {
    this.#missed = 0;
  }

  stop(): void {
    this.#timer?.stop();
  }

  #schedule(): void {
    this.#timer = this.clock.after(PING_EVERY_MS, () => this.#beat());
  }

  #beat(): void {
    if (this.#missed === MOST_MISSED) return this.onDead();
    this.#missed += 1;
    this.ping();
    this.#schedule();
  }
}

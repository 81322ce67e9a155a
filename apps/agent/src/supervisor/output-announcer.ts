import type { MonotonicClock, Timer } from './clock.js';

/** At most this often is a listener told of one stream; the first bytes and the last are told at once. */
const PAUSE_MS = 4;

/** Tells of a stream's growth: at once when it was quiet, otherwise the newest length after a short pause. */
export class OutputAnnouncer {
  #told = 0;
  #newest = 0;
  #pause: Timer | undefined;

  constructor(
    private readonly clock: MonotonicClock,
    private readonly tell: (length: number) => void,
  ) {}

  grown(length: number): void {
    this.#newest = length;
    if (this.#pause) return;
    this.#tellNewest();
    this.#pause = this.clock.after(PAUSE_MS, () => {
      this.#pause = undefined;
      if (this.#newest > this.#told) this.grown(this.#newest);
    });
  }

  /** Tells what was not told yet and stops. */
  finish(): void {
    this.#pause?.stop();
    this.#pause = undefined;
    this.#tellNewest();
  }

  #tellNewest(): void {
    if (this.#newest === this.#told) return;
    this.#told = this.#newest;
    this.tell(this.#newest);
  }
}

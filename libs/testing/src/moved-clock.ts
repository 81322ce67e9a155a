import { Clock, type Timer } from '@scriptmesh/runtime';

interface Waiting {
  readonly dueMs: number;
  readonly work: () => void;
}

/** A clock that only the test moves. Starts at 2026-01-01T00:00:00Z. */
export class MovedClock extends Clock {
  #elapsedMs = 0;
  #wallOffsetMs = Date.UTC(2026, 0, 1);
  readonly #waiting = new Set<Waiting>();

  override nowMs(): number {
    return this.#wallOffsetMs + this.#elapsedMs;
  }
  override monotonicMs(): number {
    return this.#elapsedMs;
  }
  override after(delayMs: number, work: () => void): Timer {
    const entry = { dueMs: this.#elapsedMs + delayMs, work };
    this.#waiting.add(entry);
    return { stop: () => this.#waiting.delete(entry) };
  }

  /** Moves time on and runs what falls due, in order, letting promises settle after each timer. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    for (let next = this.#nextUntil(untilMs); next; next = this.#nextUntil(untilMs)) {
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      this.#waiting.delete(next);
      next.work();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#elapsedMs = untilMs;
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Makes the wall clock jump (daylight, NTP, an operator) while monotonic time goes on. */
  jumpWallClock(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  get waitingTimers(): number {
    return this.#waiting.size;
  }

  #nextUntil(untilMs: number): Waiting | undefined {
    return [...this.#waiting].filter((w) => w.dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
  }
}

/** A timer that can be stopped; stopping twice is allowed. */
export interface Timer {
  stop(): void;
}

/** Time that never jumps. The agent's Clock fits, and so does the clock that tests move. */
export abstract class MonotonicClock {
  abstract monotonicMs(): number;
  /** Calls `work` once after `delayMs`; does not keep the process alive by itself. */
  abstract after(delayMs: number, work: () => void): Timer;
}

export class ProcessClock extends MonotonicClock {
  override monotonicMs(): number {
    return performance.now();
  }
  override after(delayMs: number, work: () => void): Timer {
    const handle = setTimeout(work, delayMs);
    handle.unref();
    return { stop: () => clearTimeout(handle) };
  }
}

/** A timer that can be stopped; stopping twice is allowed. */
export interface Timer {
  stop(): void;
}

/** Time as a port, so that tests can move it. Nothing outside its adapters calls Date.now() or setTimeout. */
export abstract class Clock {
  /** Wall-clock milliseconds since 1970, UTC: for display and for times that other programs read. */
  abstract nowMs(): number;
  /** Milliseconds that never jump: for time-outs and intervals. */
  abstract monotonicMs(): number;
  /** Calls `work` once after `delayMs`; does not keep the process alive by itself. */
  abstract after(delayMs: number, work: () => void): Timer;
}

export class SystemClock extends Clock {
  override nowMs(): number {
    return Date.now();
  }
  override monotonicMs(): number {
    return performance.now();
  }
  override after(delayMs: number, work: () => void): Timer {
    const handle = setTimeout(work, delayMs);
    handle.unref();
    return { stop: () => clearTimeout(handle) };
  }
}

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { MonotonicClock, Timer } from './clock.js';

/** Reads that follow each other this fast are a flow. */
const FAST_MS = 20;
/** A flow is over after so long without a read. */
const QUIET_MS = 100;

/**
 * A file that stands beside an output as long as its script writes much. A supervisor that is killed then has, as
 * likely as not, just taken bytes from the pipe which it has not yet written: its successor must not write on after
 * such a hole. Between the lines of a script that writes now and then there is next to no time to be killed in.
 */
export class FlowMark {
  #lastMs = -Infinity;
  #isSet = false;
  #watch: Timer | undefined;

  constructor(
    private readonly clock: MonotonicClock,
    private readonly path: string,
  ) {}

  static stands(path: string): boolean {
    return existsSync(path);
  }

  /** Bytes were written. */
  note(): void {
    const nowMs = this.clock.monotonicMs();
    if (!this.#isSet && nowMs - this.#lastMs < FAST_MS) this.#set();
    this.#lastMs = nowMs;
  }

  clear(): void {
    this.#watch?.stop();
    if (this.#isSet) remove(this.path);
    this.#isSet = false;
  }

  #set(): void {
    try {
      writeFileSync(this.path, '', { mode: 0o600 });
    } catch {
      // A full disk keeps no output either.
      return;
    }
    this.#isSet = true;
    this.#lookAgain();
  }

  #lookAgain(): void {
    this.#watch = this.clock.after(QUIET_MS, () => {
      if (this.clock.monotonicMs() - this.#lastMs < QUIET_MS) this.#lookAgain();
      else this.clear();
    });
  }
}

/** One that the disk does not let go of costs a successor the rest of the output, not the run its end. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It goes with the folder when the run is settled.
  }
}

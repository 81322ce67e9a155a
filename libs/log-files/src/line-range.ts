import type { LogAsk } from '@scriptmesh/contracts';
import { readLineTime, TIME_HEAD_BYTES } from './line-time.js';

/** Decides line by line what lies in a range of time. A line without a time goes with the line before it. */
export class LineRange {
  /** Is the line that was last judged in the range? */
  keeping: boolean;
  readonly #since: number;
  readonly #until: number;

  constructor({ sinceMs, untilMs, keeping }: Pick<LogAsk, 'sinceMs' | 'untilMs' | 'keeping'>) {
    this.#since = sinceMs ?? -Infinity;
    this.#until = untilMs ?? Infinity;
    // What stands before the first time is older than it.
    this.keeping = keeping ?? sinceMs === null;
  }

  /** @param line from its first byte on, the rest may be missing */
  judge(line: Buffer): boolean {
    const time = readLineTime(line.toString('latin1', 0, TIME_HEAD_BYTES));
    if (time !== null) this.keeping = time >= this.#since && time <= this.#until;
    return this.keeping;
  }
}

export const hasRange = ({ sinceMs, untilMs }: LogAsk): boolean => sinceMs !== null || untilMs !== null;

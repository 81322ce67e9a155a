interface WaitingLine {
  /** The local day on which it was written. */
  readonly day: string;
  /** With its line end. */
  readonly bytes: Buffer;
}

/** Lines of one day, to be written in one piece. */
export interface LineBatch {
  readonly day: string;
  readonly bytes: Buffer;
  readonly lines: number;
}

/** Lines that wait for the disk. When there are too many, new ones are dropped and counted, so that memory stays bounded. */
export class LineQueue {
  #waiting: WaitingLine[] = [];
  #bytes = 0;
  #dropped = 0;

  /** @param maxBytes of all waiting lines together */
  constructor(private readonly maxBytes: number) {}

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(day: string, line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#bytes + bytes.byteLength > this.maxBytes) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push({ day, bytes });
    this.#bytes += bytes.byteLength;
  }

  /** The next lines, as many as fit and are of one day, but at least one. They stay until `remove`. */
  peek(maxBytes: number): LineBatch | undefined {
    const first = this.#waiting[0];
    if (first === undefined) return undefined;
    let bytes = first.bytes.byteLength;
    let lines = 1;
    for (const { day, bytes: more } of this.#waiting.slice(1)) {
      bytes += more.byteLength;
      if (day !== first.day || bytes > maxBytes) break;
      lines += 1;
    }
    return { day: first.day, bytes: Buffer.concat(this.#waiting.slice(0, lines).map((line) => line.bytes)), lines };
  }

  /**
   * Takes away what was written.
   * @param bytes from the beginning; a line that was written in part stays
   * @returns whether such a part was written
   */
  remove(bytes: number): boolean {
    let left = bytes;
    let lines = 0;
    for (const line of this.#waiting) {
      if (line.bytes.byteLength > left) break;
      left -= line.bytes.byteLength;
      lines += 1;
    }
    this.#waiting = this.#waiting.slice(lines);
    this.#bytes -= bytes - left;
    return left > 0;
  }

  /** How many lines were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}

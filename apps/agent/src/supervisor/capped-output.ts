import { createHash } from 'node:crypto';
import { closeSync, fdatasync, fstatSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { OutputTail } from './output-tail.js';
import type { KeptTail } from './words.js';

const makeDurable = promisify(fdatasync);

/** What became of one stream. */
export interface KeptOutput {
  readonly length: number;
  /** Of the bytes that were taken here, in hex. */
  readonly sha256: string;
  /** Bytes that the script wrote beyond the cap, or that the disk did not take. */
  readonly dropped: number;
  /** The last of what was dropped, as far as it is known. */
  readonly tail: KeptTail | null;
}

/**
 * Keeps one stream of a script in a file, up to a cap. Beyond it bytes are counted and, but for the last of them,
 * dropped, so that the script neither blocks nor gets SIGPIPE. Written synchronously: what was taken from the pipe is in the file before anything
 * else happens, so that a kill between the two, which would leave a hole, has next to no time to hit.
 */
export class CappedOutput {
  readonly #hash = createHash('sha256');
  #dropped = 0;
  /** Set by the first write that fails: what came after it would not be a prefix any more. */
  #isFull = false;

  private constructor(
    private readonly path: string,
    private readonly maxBytes: number,
    private file: number | null,
    private kept: number,
    private readonly tail: OutputTail | null,
  ) {}

  /** The file is made with the first byte: most scripts never write to one of their streams. */
  static create(path: string, maxBytes: number): CappedOutput {
    return new CappedOutput(path, maxBytes, null, 0, new OutputTail(`${path}.tail`));
  }

  /** Goes on after the bytes that another supervisor has kept; there is neither hash nor tail, since such a run ends without them. */
  static continue(path: string, maxBytes: number): CappedOutput {
    const file = openSync(path, 'a', 0o600);
    return new CappedOutput(path, maxBytes, file, fstatSync(file).size, null);
  }

  /** Bytes in the file. */
  get length(): number {
    return this.kept;
  }

  take(chunk: Uint8Array): void {
    const room = this.#isFull ? 0 : Math.max(0, this.maxBytes - this.kept);
    const written = room === 0 ? 0 : this.#write(chunk.subarray(0, room));
    if (written > 0) this.#hash.update(chunk.subarray(0, written));
    if (written === chunk.length) return;
    this.#dropped += chunk.length - written;
    this.tail?.take(chunk.subarray(written));
  }

  /** What was kept, the tail of it durably; nothing more is taken. */
  async sum(): Promise<KeptOutput> {
    const tail = (await this.tail?.save()) ?? null;
    return { length: this.kept, sha256: this.#hash.digest('hex'), dropped: this.#dropped, tail };
  }

  /** Makes the kept bytes durable and lets go of the file. */
  async close(): Promise<void> {
    // A disk that fails here must not keep the run from ending; length and hash tell what the file should hold.
    const { file } = this;
    if (file === null) return;
    this.file = null;
    if (this.kept > 0) await makeDurable(file).catch(() => undefined);
    closeSync(file);
  }

  /** Returns how many bytes the disk took. */
  #write(bytes: Uint8Array): number {
    let written = 0;
    try {
      const file = (this.file ??= openSync(this.path, 'w', 0o600));
      while (written < bytes.length) {
        const count = writeSync(file, bytes, written, bytes.length - written);
        written += count;
        this.kept += count;
      }
    } catch {
      this.#isFull = true;
    }
    return written;
  }
}

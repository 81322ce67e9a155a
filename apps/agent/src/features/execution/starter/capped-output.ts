import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** What became of one stream. */
interface KeptOutput {
  readonly length: number;
  /** Of the kept bytes, in hex. */
  readonly sha256: string;
  /** Bytes that the script wrote beyond the cap, or that the disk did not take. */
  readonly dropped: number;
}

/**
 * Drains one stream of a script into a file, up to a cap. Beyond it bytes are read, counted and dropped, so that the
 * script neither blocks nor gets SIGPIPE. The pipe is not read while a write is pending: memory stays flat.
 */
export class CappedOutput {
  readonly #hash = createHash('sha256');
  #length = 0;
  #dropped = 0;
  /** Set by the first write that fails: what came after it would not be a prefix any more. */
  #isFull = false;

  private constructor(
    private readonly file: FileHandle,
    private readonly maxBytes: number,
  ) {}

  static async create(path: string, maxBytes: number): Promise<CappedOutput> {
    return new CappedOutput(await open(path, 'w', 0o600), maxBytes);
  }

  /** Resolves when the stream has ended or was destroyed. `onGrown` gets the bytes that are in the file. */
  async drain(source: Readable, onGrown: (length: number) => void): Promise<void> {
    try {
      for await (const chunk of source) {
        const before = this.#length;
        await this.#take(chunk as Buffer);
        if (this.#length > before) onGrown(this.#length);
      }
    } catch {
      // The pipe was let go of, because a process in the background holds it: what came so far is the output.
    }
  }

  /** Makes the kept bytes durable and lets go of the file. */
  async close(): Promise<KeptOutput> {
    // A disk that fails here must not keep the run from ending; length and hash tell what the file should hold.
    if (this.#length > 0) await this.file.datasync().catch(() => undefined);
    await this.file.close().catch(() => undefined);
    return { length: this.#length, sha256: this.#hash.digest('hex'), dropped: this.#dropped };
  }

  async #take(chunk: Buffer): Promise<void> {
    const room = this.#isFull ? 0 : Math.max(0, this.maxBytes - this.#length);
    const kept = room === 0 ? 0 : await this.#write(chunk.subarray(0, room));
    if (kept > 0) this.#hash.update(chunk.subarray(0, kept));
    this.#length += kept;
    this.#dropped += chunk.length - kept;
  }

  /** Returns how many bytes the disk took. */
  async #write(bytes: Buffer): Promise<number> {
    let written = 0;
    try {
      while (written < bytes.length) {
        const { bytesWritten } = await this.file.write(bytes, written, bytes.length - written, this.#length + written);
        written += bytesWritten;
      }
    } catch {
      this.#isFull = true;
    }
    return written;
  }
}

import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { KeptTail } from './words.js';

/** The last bytes that are kept of a stream beyond its cap; the orchestrator takes no more. */
const TAIL_BYTES = 64 * 1024;

/**
 * The last bytes of a stream, beyond what its file may hold: a ring in memory, made with the first of them, and a file
 * once the stream has ended. In memory, because nobody could use the ring of a supervisor that was killed: how much
 * its script wrote is not known then, so neither is where these bytes belong.
 */
export class OutputTail {
  #ring: Buffer | null = null;
  #count = 0;

  constructor(
    private readonly path: string,
    private readonly size: number = TAIL_BYTES,
  ) {}

  take(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const ring = (this.#ring ??= Buffer.allocUnsafe(this.size));
    const last = bytes.subarray(Math.max(0, bytes.length - this.size));
    const at = (this.#count + bytes.length - last.length) % this.size;
    const upToEnd = last.subarray(0, this.size - at);
    ring.set(upToEnd, at);
    ring.set(last.subarray(upToEnd.length), 0);
    this.#count += bytes.length;
  }

  /** In the order in which they were written. */
  get bytes(): Buffer {
    if (!this.#ring || this.#count <= this.size) return (this.#ring ?? Buffer.alloc(0)).subarray(0, this.#count);
    const start = this.#count % this.size;
    return Buffer.concat([this.#ring.subarray(start), this.#ring.subarray(0, start)]);
  }

  /** Writes them to the file, durably. null when there are none, or when the disk refuses: then nothing is said of them. */
  async save(): Promise<KeptTail | null> {
    const { bytes } = this;
    this.#ring = null;
    if (bytes.length === 0) return null;
    try {
      const file = await open(this.path, 'w', 0o600);
      try {
        await file.writeFile(bytes);
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch {
      await rm(this.path, { force: true }).catch(() => undefined);
      return null;
    }
    return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
}

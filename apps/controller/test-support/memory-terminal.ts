import { BrokenPipe, Terminal } from '../src/ports/terminal.js';

/** Keeps what is written; looks like a pipe unless told to look like a terminal. */
export class MemoryTerminal extends Terminal {
  override outIsTerminal = false;
  override errIsTerminal = false;
  override outHasColors = false;
  override errHasColors = false;
  override columns = 80;
  override rows = 24;
  /** Bytes after which the reader of `out` goes away. */
  outBreaksAfter = Number.POSITIVE_INFINITY;
  readonly #out: Uint8Array[] = [];
  readonly #err: Uint8Array[] = [];

  get outBytes(): Buffer {
    return Buffer.concat(this.#out);
  }
  get outText(): string {
    return this.outBytes.toString('utf8');
  }
  get errText(): string {
    return Buffer.concat(this.#err).toString('utf8');
  }

  override async out(data: string | Uint8Array): Promise<void> {
    if (this.outBytes.length >= this.outBreaksAfter) throw new BrokenPipe();
    this.#out.push(Buffer.from(data));
  }
  override async err(data: string | Uint8Array): Promise<void> {
    this.#err.push(Buffer.from(data));
  }
}

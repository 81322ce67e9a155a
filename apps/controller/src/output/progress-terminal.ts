import type { Clock, Timer } from '@scriptmesh/runtime';
import { Terminal } from '../ports/terminal.js';

const EVERY_MS = 1000;
const WIPE = '\r\u001b[K';
const NEWLINE = 10;

/**
 * A terminal with one more line at its end, drawn on stderr every second and out of the way of everything else that is
 * written. Where stderr is no terminal it changes nothing and draws nothing.
 */
export class ProgressTerminal extends Terminal {
  #text: (() => string) | null = null;
  #timer: Timer | null = null;
  #isDrawn = false;
  /** Output ended in the middle of a line: a progress line would tear it. */
  #isMidLine = false;
  #isWriting = false;

  constructor(
    private readonly inner: Terminal,
    private readonly clock: Clock,
  ) {
    super();
  }

  override get outIsTerminal(): boolean {
    return this.inner.outIsTerminal;
  }
  override get errIsTerminal(): boolean {
    return this.inner.errIsTerminal;
  }
  override get outHasColors(): boolean {
    return this.inner.outHasColors;
  }
  override get errHasColors(): boolean {
    return this.inner.errHasColors;
  }
  override get columns(): number {
    return this.inner.columns;
  }
  override get rows(): number {
    return this.inner.rows;
  }

  override out(data: string | Uint8Array): Promise<void> {
    return this.#aside(this.inner.outIsTerminal, data, () => this.inner.out(data));
  }
  override err(data: string | Uint8Array): Promise<void> {
    return this.#aside(this.inner.errIsTerminal, data, () => this.inner.err(data));
  }

  /** Shows a line, asked for anew at each drawing, until `stop`. */
  async start(text: () => string): Promise<void> {
    if (!this.inner.errIsTerminal) return;
    this.#text = text;
    await this.#draw();
    this.#next();
  }

  /** Takes the line away. */
  async stop(): Promise<void> {
    this.#timer?.stop();
    this.#text = null;
    await this.#wipe();
  }

  #next(): void {
    this.#timer = this.clock.after(EVERY_MS, () => {
      void this.#draw();
      if (this.#text !== null) this.#next();
    });
  }

  async #aside(isSeen: boolean, data: string | Uint8Array, write: () => Promise<void>): Promise<void> {
    if (!isSeen || this.#text === null) return write();
    this.#isWriting = true;
    try {
      await this.#wipe();
      await write();
    } finally {
      this.#isWriting = false;
    }
    this.#isMidLine = Buffer.from(data).at(-1) !== NEWLINE;
    await this.#draw();
  }

  async #draw(): Promise<void> {
    if (this.#text === null || this.#isMidLine || this.#isWriting) return;
    this.#isDrawn = true;
    // A line that wraps could not be wiped.
    await this.inner.err(`${WIPE}${this.#text().slice(0, Math.max(this.columns - 1, 1))}`);
  }

  async #wipe(): Promise<void> {
    if (this.#isDrawn) await this.inner.err(WIPE);
    this.#isDrawn = false;
  }
}

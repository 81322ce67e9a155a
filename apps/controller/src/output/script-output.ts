import type { Stream } from '@scriptmesh/contracts';
import type { Terminal } from '../ports/terminal.js';
import { escapeControls } from './escape-controls.js';

/**
 * Writes one stream of a script to our stream of the same name. Bytes pass as they are, except to a terminal,
 * where what it would obey is escaped (unless `raw`); characters and line ends may be split between two pieces.
 */
export class ScriptOutput {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #escapes: boolean;
  #held = '';

  constructor(
    private readonly terminal: Terminal,
    private readonly stream: Stream,
    raw: boolean,
  ) {
    this.#escapes = !raw && (stream === 'stdout' ? terminal.outIsTerminal : terminal.errIsTerminal);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#escapes) await this.#writeText(this.#decoder.decode(bytes, { stream: true }));
    else await this.#put(bytes);
  }

  /** Says that bytes are missing before those that follow: what was held back does not go on in them. */
  async passGap(missing: number | null): Promise<void> {
    await this.end();
    await this.terminal.err(gapText(missing));
  }

  /** What was held back for a character or line end that never came. */
  async end(): Promise<void> {
    if (!this.#escapes) return;
    await this.#writeText(this.#decoder.decode());
    if (this.#held !== '') await this.#put(escapeControls(this.#held));
    this.#held = '';
  }

  async #writeText(decoded: string): Promise<void> {
    const text = this.#held + decoded;
    this.#held = text.endsWith('\r') ? '\r' : '';
    const whole = text.slice(0, text.length - this.#held.length).replaceAll('\r\n', '\n');
    if (whole !== '') await this.#put(escapeControls(whole));
  }

  #put(data: string | Uint8Array): Promise<void> {
    return this.stream === 'stdout' ? this.terminal.out(data) : this.terminal.err(data);
  }
}

/** @param missing null when nobody said how many */
export const gapText = (missing: number | null): string =>
  missing === null
    ? 'scriptmesh: some output is missing here; more was written than is kept\n'
    : `scriptmesh: ${missing} ${missing === 1 ? 'byte is' : 'bytes are'} missing here; more was written than is kept\n`;

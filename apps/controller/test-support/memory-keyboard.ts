import { InputTooLarge, Keyboard, PromptLeft } from '../src/ports/keyboard.js';
import type { MemoryTerminal } from './memory-terminal.js';

/** Gives answers that were set before; afterwards it is as if Ctrl-D were pressed. Looks like a pipe unless told otherwise. */
export class MemoryKeyboard extends Keyboard {
  override isTerminal = false;
  /** What comes through the pipe. */
  piped = '';
  readonly #typed: { readonly line?: string; readonly by?: PromptLeft['by'] }[] = [];

  constructor(private readonly terminal: MemoryTerminal) {
    super();
  }

  /** Lines in the order of the questions. Makes it a terminal. */
  type(...lines: readonly string[]): this {
    this.isTerminal = true;
    this.#typed.push(...lines.map((line) => ({ line })));
    return this;
  }

  press(by: PromptLeft['by']): this {
    this.isTerminal = true;
    this.#typed.push({ by });
    return this;
  }

  override async askLine(prompt: string): Promise<string> {
    await this.terminal.err(prompt);
    const { line, by = 'end' } = this.#typed.shift() ?? {};
    if (line === undefined) throw new PromptLeft(by);
    return line;
  }

  override askHidden(prompt: string): Promise<string> {
    return this.askLine(prompt);
  }

  override async readAll(maxBytes: number): Promise<Buffer> {
    const bytes = Buffer.from(this.piped);
    if (bytes.length > maxBytes) throw new InputTooLarge(maxBytes);
    return bytes;
  }
}

import { createColors } from 'picocolors';
import type { Terminal } from '../ports/terminal.js';
import { toTable } from './table.js';
import type { View } from './view.js';

/** Lines that wrap would be counted wrong at the next drawing. */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';
/** The head, the line of the cursor, and one to spare. */
const LINES_BESIDE = 3;

/** A table on a terminal that is drawn anew in the same place, as far as it fits. */
export class LiveTable<T> {
  #lines = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly view: View<T>,
    private readonly nothing: string,
  ) {}

  async draw(items: readonly T[]): Promise<void> {
    const shown = items.slice(0, Math.max(this.terminal.rows - LINES_BESIDE, 1));
    const text =
      shown.length === 0 ? `${this.nothing}\n` : toTable(shown, this.view, createColors(this.terminal.outHasColors));
    const back = this.#lines === 0 ? '' : `\u001b[${this.#lines}A\r\u001b[J`;
    this.#lines = text.split('\n').length - 1;
    await this.terminal.out(`${back}${NO_WRAP}${text}${WRAP}`);
  }
}

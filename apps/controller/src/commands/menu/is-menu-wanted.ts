import type { Keyboard } from '../../ports/keyboard.js';
import type { Terminal } from '../../ports/terminal.js';

/** Nothing was asked for and somebody sits there. Otherwise nothing means the help, as a program expects. */
export const isMenuWanted = (
  argv: readonly string[],
  { terminal, keyboard }: { readonly terminal: Terminal; readonly keyboard: Keyboard },
): boolean => argv.length === 0 && keyboard.isTerminal && terminal.outIsTerminal && terminal.errIsTerminal;

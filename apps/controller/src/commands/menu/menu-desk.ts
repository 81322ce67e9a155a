import { Injectable } from '@nestjs/common';
import { createColors } from 'picocolors';
import { CommandFailed } from '../../cli/command-failed.js';
import { faultText } from '../../cli/print-fault.js';
import { UsageFault } from '../../cli/usage-fault.js';
import { escapeLine } from '../../output/escape-controls.js';
import { CommandLines } from '../../ports/command-lines.js';
import { Keyboard, PromptLeft } from '../../ports/keyboard.js';
import { Terminal } from '../../ports/terminal.js';
import { commandText } from './command-text.js';

/** What the menu says and asks. All of it goes to stderr: stdout belongs to the commands that are chosen. */
@Injectable()
export class MenuDesk {
  constructor(
    private readonly terminal: Terminal,
    private readonly keyboard: Keyboard,
    private readonly commands: CommandLines,
  ) {}

  /** @throws UsageFault */
  requireTerminal(): void {
    if (this.keyboard.isTerminal && this.terminal.errIsTerminal) return;
    throw new UsageFault('the menu needs a terminal to ask at', 'Give a command: see "scriptmesh --help".');
  }

  /** @throws PromptLeft */
  async askChoice(items: readonly { readonly key: string; readonly title: string }[]): Promise<string> {
    const { bold } = createColors(this.terminal.errHasColors);
    const lines = [...items, { key: '0', title: 'exit' }].map(({ key, title }) => `  ${bold(key)}  ${title}\n`);
    await this.terminal.err(`\n${bold('ScriptMesh')}\n${lines.join('')}`);
    return (await this.keyboard.askLine('Choice: ')).trim().toLowerCase();
  }

  refuse(choice: string): Promise<void> {
    return this.terminal.err(`There is no choice "${escapeLine(choice)}"; 0 or q ends.\n`);
  }

  /** An error is told and leads back to the menu; leaving a question leaves the menu. */
  async attempt<T>(work: () => Promise<T | null>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PromptLeft) throw error;
      const fault = error instanceof CommandFailed ? error.fault : error;
      await this.terminal.err(faultText(fault, this.terminal.errHasColors));
      return null;
    }
  }

  /** Shows the command line that does the same, and runs it. */
  async runCommand(words: readonly string[]): Promise<void> {
    const { dim } = createColors(this.terminal.errHasColors);
    await this.terminal.err(`${dim(`$ ${commandText(words)}`)}\n`);
    const exitCode = await this.commands.run(words);
    if (exitCode !== 0) await this.terminal.err(`${dim(`(exit code ${exitCode})`)}\n`);
  }
}

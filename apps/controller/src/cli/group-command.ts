import { CommandRunner, Help } from 'nest-commander';
import type { CommandNode } from './command-tree.js';
import { examples } from './examples.js';
import { UsageFault } from './usage-fault.js';

/**
 * A command that only holds others. It runs when none of them was named: nest-commander would answer
 * an unknown one with help and exit 0, so it is refused here.
 */
export abstract class GroupCommand extends CommandRunner {
  override async run(given: string[]): Promise<void> {
    const group = pathOf(this.command);
    const known = this.command.commands.map((command) => command.name()).filter((name) => name !== 'help');
    const hint = `Use one of: ${known.map((name) => `scriptmesh ${group} ${name}`).join(', ')}.`;
    throw new UsageFault(
      given[0] === undefined ? `"scriptmesh ${group}" needs a command` : `unknown command "${given[0]}" of "${group}"`,
      hint,
    );
  }
  /** One line for each of its commands. */
  @Help('before')
  examples(): string {
    const children = this.command.commands.filter((child) => child.name() !== 'help');
    return examples(
      children.map((child) => ['scriptmesh', pathOf(this.command), child.name(), ...argumentsOf(child)].join(' ')),
    );
  }
}

/** The words that call it, without the program's. */
const pathOf = (node: CommandNode): string =>
  node.parent?.parent ? `${pathOf(node.parent)} ${node.name()}` : node.name();

const argumentsOf = (command: CommandNode): string[] =>
  command.registeredArguments.filter((argument) => argument.required).map((argument) => argument.name().toUpperCase());

import type { CommandNode } from './command-tree.js';
import { UsageFault } from './usage-fault.js';

const FLAGS = ['--api-key <key>', '--key <key>', '--token <key>', '--password <key>'];

/**
 * Known only to be refused, and hidden: without them commander would repeat the key in its message.
 * Nothing is said about the value, and nothing is asked with it.
 */
export function refuseKeys(root: CommandNode): void {
  for (const flags of FLAGS) {
    const option = root.createOption(flags).hideHelp();
    const name = option.attributeName();
    root.addOption(option).hook('preAction', () => {
      if (root.opts()[name] !== undefined) throw keyIsSeen(option.long ?? flags);
    });
  }
}

const keyIsSeen = (flag: string): UsageFault =>
  new UsageFault(
    `${flag} is not taken: a key on the command line is seen, every user of this machine can read it, and shells keep it`,
    'Take that key out of use if others may have seen it. Keep a key with "scriptmesh login", or give --api-key-file FILE.',
  );

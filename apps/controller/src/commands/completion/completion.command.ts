import { Command, CommandRunner, Help } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { UsageFault } from '../../cli/usage-fault.js';
import { Terminal } from '../../ports/terminal.js';
import { COMPLETION_SCRIPTS, SHELLS } from './shells.js';

@Command({
  name: 'completion',
  arguments: '<shell>',
  argsDescription: { shell: SHELLS.join(', ') },
  description: 'print what a shell must load to complete commands, flags and names',
})
export class CompletionCommand extends CommandRunner {
  constructor(private readonly terminal: Terminal) {
    super();
  }

  override async run([asked = '']: string[]): Promise<void> {
    const shell = SHELLS.find((known) => known === asked);
    if (shell === undefined) {
      throw new UsageFault(`there is no completion for "${asked}"`, `Use one of ${SHELLS.join(', ')}.`);
    }
    await this.terminal.out(COMPLETION_SCRIPTS[shell]);
  }

  @Help('before')
  examples(): string {
    return examples(['source <(scriptmesh completion bash)', 'scriptmesh completion fish | source']);
  }
}

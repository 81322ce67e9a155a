import { CommandRunner, Help, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { ExitStatus } from '../../exit-status.js';
import { Programs } from '../../ports/programs.js';

@SubCommand({
  name: 'check',
  arguments: '[flags...]',
  argsDescription: { flags: 'flags of the program itself, after --' },
  description: 'check settings, manifest and scripts of this node without starting the agent',
})
export class AgentCheckCommand extends CommandRunner {
  constructor(
    private readonly programs: Programs,
    private readonly exit: ExitStatus,
  ) {
    super();
  }

  override async run(flags: string[]): Promise<void> {
    this.exit.code = await this.programs.run('agent', ['--check', ...flags]);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh agent check']);
  }
}

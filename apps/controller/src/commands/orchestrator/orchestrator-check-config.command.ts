import { CommandRunner, Help, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { ExitStatus } from '../../exit-status.js';
import { Programs } from '../../ports/programs.js';

@SubCommand({
  name: 'check-config',
  arguments: '[flags...]',
  argsDescription: { flags: 'flags of the program itself, after --' },
  description: 'check the settings of the orchestrator without starting it',
})
export class OrchestratorCheckConfigCommand extends CommandRunner {
  constructor(
    private readonly programs: Programs,
    private readonly exit: ExitStatus,
  ) {
    super();
  }

  override async run(flags: string[]): Promise<void> {
    this.exit.code = await this.programs.run('orchestrator', ['--check', ...flags]);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh orchestrator check-config']);
  }
}

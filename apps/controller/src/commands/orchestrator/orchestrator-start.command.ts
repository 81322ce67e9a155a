import { CommandRunner, Help, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { ExitStatus } from '../../exit-status.js';
import { Programs } from '../../ports/programs.js';

@SubCommand({
  name: 'start',
  arguments: '[flags...]',
  argsDescription: { flags: 'flags of the program itself, after --' },
  description: 'start the orchestrator here; Ctrl-C stops it',
})
export class OrchestratorStartCommand extends CommandRunner {
  constructor(
    private readonly programs: Programs,
    private readonly exit: ExitStatus,
  ) {
    super();
  }

  override async run(flags: string[]): Promise<void> {
    this.exit.code = await this.programs.run('orchestrator', [...flags]);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh orchestrator start']);
  }
}

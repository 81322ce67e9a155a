import { resolve } from 'node:path';
import { CommandRunner, Help, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { ExitStatus } from '../../exit-status.js';
import { Programs } from '../../ports/programs.js';

@SubCommand({
  name: 'import-v02',
  arguments: '<folder> [flags...]',
  argsDescription: {
    folder: 'where ScriptMesh 0.2 was started: the folder with cfg/agent_registry.json and cfg/fernet.key',
    flags: 'flags of the program itself, after --',
  },
  description: 'take over the agents of ScriptMesh 0.2; can be run again',
})
export class OrchestratorImportCommand extends CommandRunner {
  constructor(
    private readonly programs: Programs,
    private readonly exit: ExitStatus,
  ) {
    super();
  }

  override async run([folder = '', ...flags]: string[]): Promise<void> {
    this.exit.code = await this.programs.run('orchestrator', ['--import-v02', resolve(folder), ...flags]);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh orchestrator import-v02 /opt/scriptmesh-0.2']);
  }
}

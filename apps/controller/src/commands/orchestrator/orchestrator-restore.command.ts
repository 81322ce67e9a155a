import { resolve } from 'node:path';
import { CommandRunner, Help, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { ExitStatus } from '../../exit-status.js';
import { Programs } from '../../ports/programs.js';

@SubCommand({
  name: 'restore',
  arguments: '[backup] [flags...]',
  argsDescription: {
    backup: 'a copy of scriptmesh.sqlite; none when the database was restored by other tools already (PostgreSQL)',
    flags: 'flags of the program itself, after --',
  },
  description: 'put a backup in the place of the database, while no orchestrator runs; the replaced one is kept',
})
export class OrchestratorRestoreCommand extends CommandRunner {
  constructor(
    private readonly programs: Programs,
    private readonly exit: ExitStatus,
  ) {
    super();
  }

  override async run(words: string[]): Promise<void> {
    const [backup = '', ...flags] = words[0]?.startsWith('-') ? ['', ...words] : words;
    const purpose = backup === '' ? ['--mark-restored'] : ['--restore', resolve(backup)];
    this.exit.code = await this.programs.run('orchestrator', [...purpose, ...flags]);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh orchestrator restore /backups/scriptmesh.sqlite', 'scriptmesh orchestrator restore']);
  }
}

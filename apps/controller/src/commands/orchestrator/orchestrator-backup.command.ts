import { resolve } from 'node:path';
import { CommandRunner, Help, Option, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { ExitStatus } from '../../exit-status.js';
import { Programs } from '../../ports/programs.js';

interface BackupOptions {
  readonly withFernetKey?: boolean;
}

@SubCommand({
  name: 'backup',
  arguments: '<file> [flags...]',
  argsDescription: {
    file: 'is written, and must not be there yet',
    flags: 'flags of the program itself, after --',
  },
  description: 'copy the database into a checked file, on the machine of the orchestrator, which may be running',
})
export class OrchestratorBackupCommand extends CommandRunner {
  constructor(
    private readonly programs: Programs,
    private readonly exit: ExitStatus,
  ) {
    super();
  }

  override async run([file = '', ...flags]: string[], { withFernetKey }: BackupOptions): Promise<void> {
    const words = ['--backup', resolve(file), ...(withFernetKey ? ['--with-fernet-key'] : []), ...flags];
    this.exit.code = await this.programs.run('orchestrator', words);
  }

  @Option({
    flags: '--with-fernet-key',
    description: 'write the Fernet key beside it, too; keep both apart afterwards',
  })
  readWithFernetKey(): boolean {
    return true;
  }

  @Help('before')
  examples(): string {
    return examples([
      'scriptmesh orchestrator backup /backups/scriptmesh-$(date +%F).sqlite',
      'scriptmesh orchestrator backup /backups/all.sqlite --with-fernet-key',
    ]);
  }
}

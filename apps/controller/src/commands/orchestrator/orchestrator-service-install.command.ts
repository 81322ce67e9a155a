import { CommandRunner, Help, Option, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { ServiceDesk } from '../service/service-desk.js';

@SubCommand({ name: 'install', description: 'install and start it; can be run again' })
export class OrchestratorServiceInstallCommand extends CommandRunner {
  constructor(private readonly desk: ServiceDesk) {
    super();
  }

  override run(_: string[], options: { dryRun?: boolean }): Promise<void> {
    return this.desk.install('orchestrator', options.dryRun === true);
  }

  @Option({ flags: '--dry-run', description: 'only say what would be done' })
  readDryRun(): boolean {
    return true;
  }

  @Help('before')
  examples(): string {
    return examples([
      'scriptmesh orchestrator service install --dry-run',
      'sudo scriptmesh orchestrator service install',
    ]);
  }
}

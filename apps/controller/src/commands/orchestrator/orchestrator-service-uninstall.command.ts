import { CommandRunner, Help, Option, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { ServiceDesk } from '../service/service-desk.js';

@SubCommand({ name: 'uninstall', description: 'stop and remove it; data and settings stay' })
export class OrchestratorServiceUninstallCommand extends CommandRunner {
  constructor(private readonly desk: ServiceDesk) {
    super();
  }

  override run(_: string[], options: { dryRun?: boolean; purge?: boolean }): Promise<void> {
    return this.desk.uninstall('orchestrator', options.purge === true, options.dryRun === true);
  }

  @Option({ flags: '--purge', description: 'remove data, settings and user, too' })
  readPurge(): boolean {
    return true;
  }

  @Option({ flags: '--dry-run', description: 'only say what would be done' })
  readDryRun(): boolean {
    return true;
  }

  @Help('before')
  examples(): string {
    return examples(['sudo scriptmesh orchestrator service uninstall']);
  }
}

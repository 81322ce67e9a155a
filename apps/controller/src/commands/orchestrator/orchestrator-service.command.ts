import { SubCommand } from 'nest-commander';
import { GroupCommand } from '../../cli/group-command.js';
import { OrchestratorServiceInstallCommand } from './orchestrator-service-install.command.js';
import { OrchestratorServiceUninstallCommand } from './orchestrator-service-uninstall.command.js';

@SubCommand({
  name: 'service',
  description: 'the orchestrator as a service of systemd',
  subCommands: [OrchestratorServiceInstallCommand, OrchestratorServiceUninstallCommand],
})
export class OrchestratorServiceCommand extends GroupCommand {}

import { SubCommand } from 'nest-commander';
import { GroupCommand } from '../../cli/group-command.js';
import { AgentServiceInstallCommand } from './agent-service-install.command.js';
import { AgentServiceUninstallCommand } from './agent-service-uninstall.command.js';

@SubCommand({
  name: 'service',
  description: 'the agent as a service of systemd',
  subCommands: [AgentServiceInstallCommand, AgentServiceUninstallCommand],
})
export class AgentServiceCommand extends GroupCommand {}

import { Command } from 'nest-commander';
import { GroupCommand } from '../../cli/group-command.js';
import { AgentCheckCommand } from './agent-check.command.js';
import { AgentServiceCommand } from './agent-service.command.js';
import { AgentStartCommand } from './agent-start.command.js';

@Command({
  name: 'agent',
  description: 'the agent of this machine',
  subCommands: [AgentStartCommand, AgentCheckCommand, AgentServiceCommand],
})
export class AgentCommand extends GroupCommand {}

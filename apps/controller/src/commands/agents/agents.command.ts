import { Command } from 'nest-commander';
import { GroupCommand } from '../../cli/group-command.js';
import { AgentsLabelCommand } from './agents-label.command.js';
import { AgentsListCommand } from './agents-list.command.js';
import { AgentsLogsCommand } from './agents-logs.command.js';
import { AgentsRemoveCommand } from './agents-remove.command.js';
import { AgentsShowCommand } from './agents-show.command.js';

@Command({
  name: 'agents',
  description: 'the agents that the orchestrator knows',
  subCommands: [AgentsListCommand, AgentsShowCommand, AgentsLabelCommand, AgentsLogsCommand, AgentsRemoveCommand],
})
export class AgentsCommand extends GroupCommand {}

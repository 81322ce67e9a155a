import { Command } from 'nest-commander';
import { GroupCommand } from '../../cli/group-command.js';
import { ContextAddCommand } from './context-add.command.js';
import { ContextListCommand } from './context-list.command.js';
import { ContextRemoveCommand } from './context-remove.command.js';
import { ContextShowCommand } from './context-show.command.js';
import { ContextUseCommand } from './context-use.command.js';

@Command({
  name: 'context',
  description: 'the orchestrators that you work with',
  subCommands: [ContextAddCommand, ContextUseCommand, ContextListCommand, ContextShowCommand, ContextRemoveCommand],
})
export class ContextCommand extends GroupCommand {}

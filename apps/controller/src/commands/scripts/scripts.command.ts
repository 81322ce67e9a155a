import { Command } from 'nest-commander';
import { GroupCommand } from '../../cli/group-command.js';
import { ScriptsListCommand } from './scripts-list.command.js';

@Command({ name: 'scripts', description: 'the scripts that agents allow', subCommands: [ScriptsListCommand] })
export class ScriptsCommand extends GroupCommand {}

import { Command } from 'nest-commander';
import { GroupCommand } from '../../cli/group-command.js';
import { FilesListCommand } from './files-list.command.js';
import { FilesReadCommand } from './files-read.command.js';

@Command({
  name: 'files',
  description: "files of the orchestrator's data folder",
  subCommands: [FilesListCommand, FilesReadCommand],
})
export class FilesCommand extends GroupCommand {}

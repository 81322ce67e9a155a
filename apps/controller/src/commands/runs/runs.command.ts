import { Command } from 'nest-commander';
import { GroupCommand } from '../../cli/group-command.js';
import { RunsCancelCommand } from './runs-cancel.command.js';
import { RunsEventsCommand } from './runs-events.command.js';
import { RunsExplainCommand } from './runs-explain.command.js';
import { RunsListCommand } from './runs-list.command.js';
import { RunsOutputCommand } from './runs-output.command.js';
import { RunsRetryCommand } from './runs-retry.command.js';
import { RunsShowCommand } from './runs-show.command.js';
import { RunsWatchCommand } from './runs-watch.command.js';

@Command({
  name: 'runs',
  description: 'runs and their output',
  subCommands: [
    RunsListCommand,
    RunsShowCommand,
    RunsOutputCommand,
    RunsWatchCommand,
    RunsCancelCommand,
    RunsRetryCommand,
    RunsEventsCommand,
    RunsExplainCommand,
  ],
})
export class RunsCommand extends GroupCommand {}

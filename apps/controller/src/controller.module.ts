/**
 * The controller, `scriptmesh`: a command line over the API, and the way to start the other programs.
 * It decides nothing about runs: what may run is the agent's word, what became of it the orchestrator's.
 * Called by run-cli.ts, with the outside world as ports.
 */
import { type DynamicModule, Module } from '@nestjs/common';
import { Clock } from '@scriptmesh/runtime';
import { ApiAccess } from './access/api-access.js';
import { GlobalFlags } from './access/global-flags.js';
import { CommandTree } from './cli/command-tree.js';
import { AgentCheckCommand } from './commands/agent/agent-check.command.js';
import { AgentStartCommand } from './commands/agent/agent-start.command.js';
import { AgentCommand } from './commands/agent/agent.command.js';
import { AgentsLabelCommand } from './commands/agents/agents-label.command.js';
import { AgentsListCommand } from './commands/agents/agents-list.command.js';
import { AgentsRemoveCommand } from './commands/agents/agents-remove.command.js';
import { AgentsShowCommand } from './commands/agents/agents-show.command.js';
import { AgentsCommand } from './commands/agents/agents.command.js';
import { FilesListCommand } from './commands/files/files-list.command.js';
import { FilesReadCommand } from './commands/files/files-read.command.js';
import { FilesCommand } from './commands/files/files.command.js';
import { CompleteCommand } from './commands/completion/complete.command.js';
import { CompletionCommand } from './commands/completion/completion.command.js';
import { LiveNames } from './commands/completion/live-names.js';
import { ExplainCommand } from './commands/explain/explain.command.js';
import { OrchestratorCheckConfigCommand } from './commands/orchestrator/orchestrator-check-config.command.js';
import { OrchestratorStartCommand } from './commands/orchestrator/orchestrator-start.command.js';
import { OrchestratorCommand } from './commands/orchestrator/orchestrator.command.js';
import { RunCommand } from './commands/run/run.command.js';
import { RunsListCommand } from './commands/runs/runs-list.command.js';
import { RunsOutputCommand } from './commands/runs/runs-output.command.js';
import { RunsShowCommand } from './commands/runs/runs-show.command.js';
import { RunsCommand } from './commands/runs/runs.command.js';
import { ScriptsListCommand } from './commands/scripts/scripts-list.command.js';
import { ScriptsCommand } from './commands/scripts/scripts.command.js';
import { StatusCommand } from './commands/status/status.command.js';
import { ExitStatus } from './exit-status.js';
import { Printer } from './output/printer.js';
import type { CommandLog } from './ports/command-log.js';
import { Interrupts } from './ports/interrupts.js';
import { ManifestSchema } from './ports/manifest-schema.js';
import { Programs } from './ports/programs.js';
import { SettingsSource } from './ports/settings-source.js';
import { Terminal } from './ports/terminal.js';

/** The outside world. */
export interface ControllerPorts {
  readonly terminal: Terminal;
  readonly interrupts: Interrupts;
  readonly programs: Programs;
  readonly settings: SettingsSource;
  readonly manifestSchema: ManifestSchema;
  readonly clock: Clock;
  readonly commandLog: CommandLog;
}

/** In the order in which help lists the groups. Class names must differ: nest-commander tells commands apart by them. */
const COMMANDS = [
  RunCommand,
  RunsCommand,
  RunsListCommand,
  RunsShowCommand,
  RunsOutputCommand,
  AgentsCommand,
  AgentsListCommand,
  AgentsShowCommand,
  AgentsLabelCommand,
  AgentsRemoveCommand,
  ScriptsCommand,
  ScriptsListCommand,
  FilesCommand,
  FilesListCommand,
  FilesReadCommand,
  StatusCommand,
  OrchestratorCommand,
  OrchestratorStartCommand,
  OrchestratorCheckConfigCommand,
  AgentCommand,
  AgentStartCommand,
  AgentCheckCommand,
  ExplainCommand,
  CompletionCommand,
  CompleteCommand,
];

@Module({})
export class ControllerModule {
  static with(ports: ControllerPorts): DynamicModule {
    return {
      module: ControllerModule,
      providers: [
        ...COMMANDS,
        ApiAccess,
        CommandTree,
        ExitStatus,
        GlobalFlags,
        LiveNames,
        Printer,
        { provide: Terminal, useValue: ports.terminal },
        { provide: Interrupts, useValue: ports.interrupts },
        { provide: Programs, useValue: ports.programs },
        { provide: SettingsSource, useValue: ports.settings },
        { provide: ManifestSchema, useValue: ports.manifestSchema },
        { provide: Clock, useValue: ports.clock },
      ],
    };
  }
}

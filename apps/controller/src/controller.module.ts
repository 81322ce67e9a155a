/**
 * The controller, `scriptmesh`: a command line over the API, and the way to start the other programs.
 * It decides nothing about runs: what may run is the agent's word, what became of it the orchestrator's.
 * Called by run-cli.ts, with the outside world as ports.
 */
import { type DynamicModule, Module } from '@nestjs/common';
import { Clock } from '@scriptmesh/runtime';
import { ApiAccess } from './access/api-access.js';
import { GlobalFlags } from './access/global-flags.js';
import { KeyIntake } from './access/key-intake.js';
import { CommandTree } from './cli/command-tree.js';
import { AgentCheckCommand } from './commands/agent/agent-check.command.js';
import { AgentStartCommand } from './commands/agent/agent-start.command.js';
import { AgentCommand } from './commands/agent/agent.command.js';
import { AgentsLabelCommand } from './commands/agents/agents-label.command.js';
import { AgentsListCommand } from './commands/agents/agents-list.command.js';
import { AgentsLogsCommand } from './commands/agents/agents-logs.command.js';
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
import { AnswerPrinter } from './commands/api/answer-printer.js';
import { ApiCommand } from './commands/api/api.command.js';
import { BodySource } from './commands/api/body-source.js';
import { ContextAddCommand } from './commands/context/context-add.command.js';
import { ContextListCommand } from './commands/context/context-list.command.js';
import { ContextRemoveCommand } from './commands/context/context-remove.command.js';
import { ContextShowCommand } from './commands/context/context-show.command.js';
import { ContextUseCommand } from './commands/context/context-use.command.js';
import { ContextCommand } from './commands/context/context.command.js';
import { DoctorCommand } from './commands/doctor/doctor.command.js';
import { DoctorSurface } from './commands/doctor/doctor-surface.js';
import { LoginTarget } from './commands/login/login-target.js';
import { LoginCommand } from './commands/login/login.command.js';
import { LogoutCommand } from './commands/login/logout.command.js';
import { MenuDesk } from './commands/menu/menu-desk.js';
import { MenuItems } from './commands/menu/menu-items.js';
import { MenuCommand } from './commands/menu/menu.command.js';
import { OrchestratorBackupCommand } from './commands/orchestrator/orchestrator-backup.command.js';
import { OrchestratorCheckConfigCommand } from './commands/orchestrator/orchestrator-check-config.command.js';
import { OrchestratorImportCommand } from './commands/orchestrator/orchestrator-import.command.js';
import { OrchestratorRestoreCommand } from './commands/orchestrator/orchestrator-restore.command.js';
import { OrchestratorStartCommand } from './commands/orchestrator/orchestrator-start.command.js';
import { OrchestratorCommand } from './commands/orchestrator/orchestrator.command.js';
import { AgentServiceCommand } from './commands/agent/agent-service.command.js';
import { AgentServiceInstallCommand } from './commands/agent/agent-service-install.command.js';
import { AgentServiceUninstallCommand } from './commands/agent/agent-service-uninstall.command.js';
import { OrchestratorServiceCommand } from './commands/orchestrator/orchestrator-service.command.js';
import { OrchestratorServiceInstallCommand } from './commands/orchestrator/orchestrator-service-install.command.js';
import { OrchestratorServiceUninstallCommand } from './commands/orchestrator/orchestrator-service-uninstall.command.js';
import { ServiceDesk } from './commands/service/service-desk.js';
import { RunFollower } from './commands/run/run-follower.js';
import { RunCommand } from './commands/run/run.command.js';
import { RunsCancelCommand } from './commands/runs/runs-cancel.command.js';
import { RunsEventsCommand } from './commands/runs/runs-events.command.js';
import { RunsExplainCommand } from './commands/runs/runs-explain.command.js';
import { RunsListCommand } from './commands/runs/runs-list.command.js';
import { RunsOutputCommand } from './commands/runs/runs-output.command.js';
import { RunsRetryCommand } from './commands/runs/runs-retry.command.js';
import { RunsShowCommand } from './commands/runs/runs-show.command.js';
import { RunsWatchCommand } from './commands/runs/runs-watch.command.js';
import { RunsWatcher } from './commands/runs/runs-watcher.js';
import { RunsCommand } from './commands/runs/runs.command.js';
import { ScriptsListCommand } from './commands/scripts/scripts-list.command.js';
import { ScriptsCommand } from './commands/scripts/scripts.command.js';
import { StatusCommand } from './commands/status/status.command.js';
import { ExitStatus } from './exit-status.js';
import { Printer } from './output/printer.js';
import type { CommandLog } from './ports/command-log.js';
import { Interrupts } from './ports/interrupts.js';
import { ManifestSchema } from './ports/manifest-schema.js';
import { CommandLines } from './ports/command-lines.js';
import { ContextStore } from './ports/context-store.js';
import { Keyboard } from './ports/keyboard.js';
import { Machine } from './ports/machine.js';
import { Programs } from './ports/programs.js';
import { SettingsSource } from './ports/settings-source.js';
import { Terminal } from './ports/terminal.js';

/** The outside world. */
export interface ControllerPorts {
  readonly terminal: Terminal;
  readonly keyboard: Keyboard;
  readonly interrupts: Interrupts;
  readonly programs: Programs;
  readonly machine: Machine;
  readonly settings: SettingsSource;
  readonly manifestSchema: ManifestSchema;
  readonly contexts: ContextStore;
  readonly commands: CommandLines;
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
  RunsWatchCommand,
  RunsCancelCommand,
  RunsRetryCommand,
  RunsEventsCommand,
  RunsExplainCommand,
  AgentsCommand,
  AgentsListCommand,
  AgentsShowCommand,
  AgentsLabelCommand,
  AgentsLogsCommand,
  AgentsRemoveCommand,
  ScriptsCommand,
  ScriptsListCommand,
  FilesCommand,
  FilesListCommand,
  FilesReadCommand,
  StatusCommand,
  DoctorCommand,
  DoctorSurface,
  ApiCommand,
  LoginCommand,
  LogoutCommand,
  ContextCommand,
  ContextAddCommand,
  ContextUseCommand,
  ContextListCommand,
  ContextShowCommand,
  ContextRemoveCommand,
  MenuCommand,
  OrchestratorCommand,
  OrchestratorStartCommand,
  OrchestratorCheckConfigCommand,
  OrchestratorImportCommand,
  OrchestratorRestoreCommand,
  OrchestratorBackupCommand,
  OrchestratorServiceCommand,
  OrchestratorServiceInstallCommand,
  OrchestratorServiceUninstallCommand,
  AgentCommand,
  AgentStartCommand,
  AgentCheckCommand,
  AgentServiceCommand,
  AgentServiceInstallCommand,
  AgentServiceUninstallCommand,
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
        AnswerPrinter,
        ApiAccess,
        BodySource,
        CommandTree,
        ExitStatus,
        GlobalFlags,
        LiveNames,
        KeyIntake,
        LoginTarget,
        MenuDesk,
        MenuItems,
        Printer,
        RunFollower,
        RunsWatcher,
        ServiceDesk,
        { provide: Machine, useValue: ports.machine },
        { provide: Terminal, useValue: ports.terminal },
        { provide: Keyboard, useValue: ports.keyboard },
        { provide: Interrupts, useValue: ports.interrupts },
        { provide: Programs, useValue: ports.programs },
        { provide: SettingsSource, useValue: ports.settings },
        { provide: ManifestSchema, useValue: ports.manifestSchema },
        { provide: ContextStore, useValue: ports.contexts },
        { provide: CommandLines, useValue: ports.commands },
        { provide: Clock, useValue: ports.clock },
      ],
    };
  }
}

import { Command } from 'nest-commander';
import { GroupCommand } from '../../cli/group-command.js';
import { OrchestratorBackupCommand } from './orchestrator-backup.command.js';
import { OrchestratorCheckConfigCommand } from './orchestrator-check-config.command.js';
import { OrchestratorImportCommand } from './orchestrator-import.command.js';
import { OrchestratorRestoreCommand } from './orchestrator-restore.command.js';
import { OrchestratorServiceCommand } from './orchestrator-service.command.js';
import { OrchestratorStartCommand } from './orchestrator-start.command.js';

@Command({
  name: 'orchestrator',
  description: 'the orchestrator of this machine',
  subCommands: [
    OrchestratorStartCommand,
    OrchestratorCheckConfigCommand,
    OrchestratorImportCommand,
    OrchestratorRestoreCommand,
    OrchestratorBackupCommand,
    OrchestratorServiceCommand,
  ],
})
export class OrchestratorCommand extends GroupCommand {}

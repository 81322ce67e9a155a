/**
 * Restore deals with a database that was put back from a backup: it marks the runs whose fate is not known any more.
 * It does not put the file back (restore-backup.ts of the program does), nor ask about the runs (dispatch does).
 * Called by the command `orchestrator restore`, and by links when an agent knows more commits than the database.
 */
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { LinksModule } from '../links/index.js';
import { RegistryModule } from '../registry/index.js';
import { RunsModule } from '../runs/index.js';
import { RestoredRuns, RestoreSurroundings } from './restored-runs.js';

@Module({
  imports: [AuditModule, LinksModule, RegistryModule, RunsModule],
  providers: [RestoredRuns, RestoreSurroundings],
})
export class RestoreModule {}

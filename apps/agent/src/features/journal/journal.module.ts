import { join } from 'node:path';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AgentSettings } from '@scriptmesh/config';
import { Logger } from '@scriptmesh/logging';
import { Clock, Ids } from '@scriptmesh/runtime';
import { FolderJournal } from './adapters/folder-journal.js';
import { FolderSpace } from './adapters/folder-space.js';
import { NodeSpoolDisk } from './adapters/node-spool-disk.js';
import { SpoolFolder } from './adapters/spool-folder.js';
import { Journal } from './journal.js';
import { SpoolDisk } from './spool-disk.js';
import { SpoolSpace } from './spool-space.js';
import { SpoolWatch } from './spool-watch.js';

async function openJournal(
  folder: SpoolFolder,
  disk: SpoolDisk,
  settings: AgentSettings,
  ids: Ids,
  log: Logger,
): Promise<Journal> {
  const journal = await FolderJournal.open({ spool: folder.path, disk, ids, keptRecords: settings.keptRecords });
  for (const fault of journal.faults) log.warn('journal.fault', { fault });
  return journal;
}

/**
 * The journal is the agent's durable record of the runs it has seen, and the gate that lets each run start at most once.
 * It does not start or ship anything. Called by execution, reporting and enrolment.
 */
@Module({
  providers: [
    { provide: SpoolDisk, useClass: NodeSpoolDisk },
    {
      provide: SpoolFolder,
      inject: [AgentSettings],
      useFactory: (s: AgentSettings) => SpoolFolder.take(join(s.home, 'spool')),
    },
    {
      provide: SpoolWatch,
      inject: [SpoolFolder, Clock],
      useFactory: (f: SpoolFolder, c: Clock) => new SpoolWatch(f, c),
    },
    { provide: Journal, inject: [SpoolFolder, SpoolDisk, AgentSettings, Ids, Logger], useFactory: openJournal },
    {
      provide: SpoolSpace,
      inject: [SpoolFolder, Journal, Clock],
      useFactory: (f: SpoolFolder, j: Journal, clock: Clock) => new FolderSpace(f.path, j, clock),
    },
  ],
  exports: [Journal, SpoolDisk, SpoolFolder, SpoolSpace],
})
export class JournalModule implements OnApplicationShutdown {
  constructor(
    @Inject(SpoolFolder) private readonly folder: SpoolFolder,
    @Inject(SpoolWatch) private readonly watch: SpoolWatch,
  ) {}

  onApplicationShutdown(): void {
    this.watch.stop();
    this.folder.release();
  }
}

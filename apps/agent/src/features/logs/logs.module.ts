/**
 * Logs shows the orchestrator the log files that the node's `cfg/log_manifest.json` names, and the agent's own.
 * It writes nothing but an empty manifest at the first start, keeps nothing between two questions, and knows nothing
 * of runs. Called by the orchestrator's messages only.
 */
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { AgentSettings } from '@scriptmesh/config';
import { LogFiles } from '@scriptmesh/log-files';
import { Logger } from '@scriptmesh/logging';
import { LinkModule } from '../link/index.js';
import { LogManifestFile } from './adapters/log-manifest-file.js';
import { LogsService } from './logs.service.js';

@Module({
  imports: [LinkModule],
  providers: [
    LogsService,
    {
      provide: LogManifestFile,
      inject: [AgentSettings, Logger],
      useFactory: ({ home }: AgentSettings, log: Logger) => new LogManifestFile(home, log),
    },
    {
      provide: LogFiles,
      inject: [AgentSettings, LogManifestFile],
      useFactory: ({ home }: AgentSettings, manifest: LogManifestFile) =>
        new LogFiles(() => manifest.sources(), [join(home, 'cfg'), join(home, 'spool')]),
    },
  ],
})
export class LogsModule {}

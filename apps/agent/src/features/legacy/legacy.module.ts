/**
 * Legacy answers an orchestrator of ScriptMesh 0.2 over its three calls. What runs, runs as any other run of this agent.
 * It ships nothing and registers nowhere (enrolment does). Called over http only; nothing imports it.
 */
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { AgentSettings } from '@scriptmesh/config';
import { Logger } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import { ExecutionModule, LocalRuns } from '../execution/index.js';
import { OutputReader, ReportingModule } from '../reporting/index.js';
import { FileManifestText } from './adapters/file-manifest-text.js';
import { LegacyController } from './legacy.controller.js';
import { LegacyService } from './legacy.service.js';

@Module({
  imports: [ExecutionModule, ReportingModule],
  controllers: [LegacyController],
  providers: [
    {
      provide: LegacyService,
      inject: [AgentSettings, LocalRuns, OutputReader, Clock, Logger],
      useFactory: (settings: AgentSettings, runs: LocalRuns, output: OutputReader, clock: Clock, log: Logger) => {
        const manifest = new FileManifestText(join(settings.home, 'cfg', 'script_manifest.json'));
        return new LegacyService({ settings, manifest, runs, output, clock, log });
      },
    },
  ],
})
export class LegacyModule {}

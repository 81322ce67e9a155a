/**
 * Reporting ships output and ends of runs until the orchestrator has them, then lets the journal settle them.
 * It decides nothing about runs. It is woken by the starter, the journal and the link; nothing calls it.
 */
import { Module } from '@nestjs/common';
import { Logger } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import { AcceptedRuns, ExecutionModule, ScriptStarter } from '../execution/index.js';
import { Journal, JournalModule } from '../journal/index.js';
import { LinkModule, OrchestratorMail, WelcomeGate } from '../link/index.js';
import { FileOutputReader } from './adapters/file-output-reader.js';
import { OutputReader } from './output-reader.js';
import { ReportingService } from './reporting.service.js';
import { RunNews } from './run-news.js';
import { RunParcel } from './run-parcel.js';
import { Shipper } from './shipper.js';

@Module({
  imports: [JournalModule, LinkModule, ExecutionModule],
  providers: [
    ReportingService,
    { provide: OutputReader, useClass: FileOutputReader },
    {
      provide: RunNews,
      inject: [AcceptedRuns, ScriptStarter, Journal],
      useFactory: (...parts: ConstructorParameters<typeof RunNews>) => new RunNews(...parts),
    },
    {
      provide: RunParcel,
      inject: [Journal, ScriptStarter, OutputReader, Logger],
      useFactory: (...parts: ConstructorParameters<typeof RunParcel>) => new RunParcel(...parts),
    },
    {
      provide: Shipper,
      inject: [OrchestratorMail, WelcomeGate, Journal, RunParcel, Clock],
      useFactory: (...parts: ConstructorParameters<typeof Shipper>) => new Shipper(...parts),
    },
  ],
  exports: [OutputReader],
})
export class ReportingModule {}

/** The agent's program: wires the features together and gives all of them settings, time, ids and the log. */
import { Module, type DynamicModule } from '@nestjs/common';
import { AgentSettings, SettingsModule } from '@scriptmesh/config';
import { Logger } from '@scriptmesh/logging';
import { Metrics, PromMetrics } from '@scriptmesh/metrics';
import { Clock, Ids, RandomIds, SystemClock } from '@scriptmesh/runtime';
import { OtelTracing, Tracing } from '@scriptmesh/tracing';
import { EnrolmentModule } from './features/enrolment/index.js';
import { BUILT_SUPERVISOR, ExecutionModule, SupervisorProgram } from './features/execution/index.js';
import { JournalModule } from './features/journal/index.js';
import { LegacyModule } from './features/legacy/index.js';
import { LinkModule } from './features/link/index.js';
import { LogsModule } from './features/logs/index.js';
import { ManifestModule } from './features/manifest/index.js';
import { MetricsModule } from './features/metrics/index.js';
import { ReportingModule } from './features/reporting/index.js';

@Module({})
export class AgentModule {
  static forRoot(
    settings: AgentSettings,
    log: Logger,
    program = BUILT_SUPERVISOR,
    metrics: Metrics = new PromMetrics(),
  ): DynamicModule {
    return {
      module: AgentModule,
      imports: [
        AgentSurroundings.forRoot(settings, log, program, metrics),
        ManifestModule,
        JournalModule,
        LinkModule,
        ExecutionModule,
        ReportingModule,
        EnrolmentModule,
        LegacyModule,
        LogsModule,
        MetricsModule,
      ],
    };
  }
}

/** Settings, time, ids, the log and the supervisor's program, for every module of the program. */
@Module({})
export class AgentSurroundings {
  static forRoot(
    settings: AgentSettings,
    log: Logger,
    program = BUILT_SUPERVISOR,
    metrics: Metrics = new PromMetrics(),
  ): DynamicModule {
    return {
      module: AgentSurroundings,
      global: true,
      imports: [SettingsModule.forRoot(AgentSettings, settings)],
      providers: [
        { provide: Clock, useClass: SystemClock },
        { provide: Ids, inject: [Clock], useFactory: (clock: Clock) => new RandomIds(clock) },
        { provide: Logger, useValue: log },
        { provide: Metrics, useValue: metrics },
        { provide: Tracing, useClass: OtelTracing },
        { provide: SupervisorProgram, useValue: program },
      ],
      exports: [Clock, Ids, Logger, Metrics, SupervisorProgram, Tracing],
    };
  }
}

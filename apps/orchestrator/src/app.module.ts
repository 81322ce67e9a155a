/** The orchestrator: wires its features together. What they share (time, ids, log, store, crypto) comes from surroundings.module.ts. */
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { AccessModule } from './features/access/index.js';
import { AuditModule } from './features/audit/index.js';
import { CatalogueModule } from './features/catalogue/index.js';
import { DispatchModule } from './features/dispatch/index.js';
import { FilesModule } from './features/files/index.js';
import { HealthModule } from './features/health/index.js';
import { HeartbeatModule } from './features/heartbeat/index.js';
import { LegacyModule } from './features/legacy/index.js';
import { LinksModule } from './features/links/index.js';
import { LogsModule } from './features/logs/index.js';
import { MetricsModule } from './features/metrics/index.js';
import { RegistryModule } from './features/registry/index.js';
import { RestoreModule } from './features/restore/index.js';
import { RetentionModule } from './features/retention/index.js';
import { RunsModule } from './features/runs/index.js';
import { ProblemFilter } from './http/problem.filter.js';
import { StrictValidationPipe } from './http/strict-validation.pipe.js';
import { SurroundingsModule, type Surroundings } from './surroundings.module.js';

const FEATURES = [
  AuditModule,
  AccessModule,
  RegistryModule,
  LinksModule,
  HeartbeatModule,
  CatalogueModule,
  RunsModule,
  DispatchModule,
  RestoreModule,
  RetentionModule,
  FilesModule,
  LogsModule,
  LegacyModule,
  HealthModule,
  MetricsModule,
];

@Module({})
export class AppModule {
  static with(surroundings: Surroundings): DynamicModule {
    return {
      module: AppModule,
      imports: [SurroundingsModule.with(surroundings), ...FEATURES],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: StrictValidationPipe },
      ],
    };
  }
}

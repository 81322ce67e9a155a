/** What every feature stands on: settings, time, ids, log, store and crypto, opened before Nest starts so that faults end the program early. */
import { type DynamicModule, Module } from '@nestjs/common';
import { OrchestratorSettings, SettingsModule } from '@scriptmesh/config';
import { AgentKeyDigester, ReceiptMaker, SecretBox } from '@scriptmesh/crypto';
import { Database } from '@scriptmesh/database';
import { Logger } from '@scriptmesh/logging';
import { Metrics } from '@scriptmesh/metrics';
import { Clock, Ids } from '@scriptmesh/runtime';
import { Tracing } from '@scriptmesh/tracing';
import { MeteredDatabase } from './features/metrics/index.js';

export interface Surroundings {
  readonly settings: OrchestratorSettings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly db: Database;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

@Module({})
export class SurroundingsModule {
  static with({ settings, clock, ids, log, db, metrics, tracing }: Surroundings): DynamicModule {
    // The oldest key makes digests and receipts, so that they stay valid when keys are rotated.
    const oldestKey = settings.fernetKeys.at(-1) ?? '';
    const providers = [
      { provide: Clock, useValue: clock },
      { provide: Ids, useValue: ids },
      { provide: Logger, useValue: log },
      { provide: Database, useValue: new MeteredDatabase(db, metrics, clock) },
      { provide: Metrics, useValue: metrics },
      { provide: Tracing, useValue: tracing },
      { provide: SecretBox, useValue: new SecretBox(settings.fernetKeys, clock) },
      { provide: AgentKeyDigester, useValue: new AgentKeyDigester(oldestKey) },
      { provide: ReceiptMaker, useValue: new ReceiptMaker(oldestKey) },
    ];
    return {
      module: SurroundingsModule,
      global: true,
      imports: [SettingsModule.forRoot(OrchestratorSettings, settings)],
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}

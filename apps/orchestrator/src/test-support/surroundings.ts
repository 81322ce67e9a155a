import { Module, type DynamicModule, type InjectionToken } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { AgentKeyDigester, makeFernetKey, ReceiptMaker, SecretBox } from '@scriptmesh/crypto';
import { Database } from '@scriptmesh/database';
import { Logger, type LogFields } from '@scriptmesh/logging';
import { Metrics, PromMetrics } from '@scriptmesh/metrics';
import { Clock, Ids } from '@scriptmesh/runtime';
import { CountedIds, MovedClock } from '@scriptmesh/testing';
import { OtelTracing, Tracing } from '@scriptmesh/tracing';

/** Keeps every line, so that a test may look for what must not stand there. */
export class KeptLog extends Logger {
  readonly lines: { readonly level: string; readonly event: string; readonly fields: LogFields }[] = [];
  override debug = (event: string, fields: LogFields = {}): void =>
    void this.lines.push({ level: 'debug', event, fields });
  override info = (event: string, fields: LogFields = {}): void =>
    void this.lines.push({ level: 'info', event, fields });
  override warn = (event: string, fields: LogFields = {}): void =>
    void this.lines.push({ level: 'warn', event, fields });
  override error = (event: string, fields: LogFields = {}): void =>
    void this.lines.push({ level: 'error', event, fields });
}

export const TEST_MAIN_KEY = 'main-key-for-tests-of-32-characters';

export const someSettings = (overrides: Partial<OrchestratorSettings> = {}): OrchestratorSettings => ({
  home: '/nowhere',
  dataDir: '/nowhere/data',
  mode: 'production',
  logLevel: 'debug',
  logMaxFiles: 10,
  logMaxMegabytes: 10,
  host: '127.0.0.1',
  port: 0,
  mainKey: TEST_MAIN_KEY,
  fernetKeys: [],
  acceptNewFernetKey: false,
  databaseUrl: null,
  transports: ['http', 'websocket'],
  heartbeatIntervalSeconds: 60,
  heartbeatTimeoutSeconds: 3,
  sweepConcurrency: 16,
  lostAfterSeconds: 3600,
  deliverWithinSeconds: 600,
  outputMaxBytes: 1_048_576,
  streamKeepAliveSeconds: 5,
  queueMaxRuns: 1000,
  runRetentionDays: 30,
  runRetentionCount: 1000,
  runRetentionBytes: 1_048_576,
  badKeysPerMinute: 20,
  agentAllowedRanges: [],
  trustedProxies: [],
  ...overrides,
});

export interface Surroundings {
  readonly db: Database;
  readonly clock: MovedClock;
  readonly ids: Ids;
  readonly log: KeptLog;
  readonly settings: OrchestratorSettings;
  /** What the program provides to all features, with fakes for time, ids and logs. */
  readonly module: DynamicModule;
}

@Module({})
class SurroundingsModule {}

export function surroundingsOn(db: Database, overrides: Partial<OrchestratorSettings> = {}): Surroundings {
  const clock = new MovedClock();
  const ids = new CountedIds();
  const log = new KeptLog();
  const settings = someSettings(overrides);
  const fernetKey = makeFernetKey();
  const values = new Map<InjectionToken, unknown>([
    [Database, db],
    [Clock, clock],
    [Ids, ids],
    [Logger, log],
    [Metrics, new PromMetrics()],
    [Tracing, new OtelTracing()],
    [OrchestratorSettings, settings],
    [SecretBox, new SecretBox([fernetKey], clock)],
    [AgentKeyDigester, new AgentKeyDigester(fernetKey)],
    [ReceiptMaker, new ReceiptMaker(fernetKey)],
  ]);
  const providers = [...values].map(([provide, useValue]) => ({ provide, useValue }));
  const module = { module: SurroundingsModule, global: true, providers, exports: [...values.keys()] };
  return { db, clock, ids, log, settings, module };
}

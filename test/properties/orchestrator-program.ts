import { Module, type InjectionToken } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { OrchestratorSettings } from '@scriptmesh/config';
import { AgentKeyDigester, ReceiptMaker, SecretBox } from '@scriptmesh/crypto';
import { Database } from '@scriptmesh/database';
import { Logger } from '@scriptmesh/logging';
import { Metrics, PromMetrics } from '@scriptmesh/metrics';
import { Clock, Ids } from '@scriptmesh/runtime';
import { OtelTracing, Tracing } from '@scriptmesh/tracing';
import { AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { DispatchModule } from '../../apps/orchestrator/src/features/dispatch/index.js';
import { RestoreModule } from '../../apps/orchestrator/src/features/restore/index.js';
import { KeptLog } from '../../apps/orchestrator/src/test-support/surroundings.js';
import type { HostileNetwork } from './hostile-network.js';
import type { Life } from './life.js';

export interface OrchestratorPlace {
  readonly db: Database;
  readonly settings: OrchestratorSettings;
  readonly fernetKey: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly network: HostileNetwork;
}

export interface OrchestratorProgram {
  readonly life: Life;
  readonly nest: TestingModule;
  readonly log: KeptLog;
}

@Module({})
class WorldModule {}

/** The real orchestrator from the store to the links; no HTTP in front of it. */
export async function startOrchestrator(life: Life, place: OrchestratorPlace): Promise<OrchestratorProgram> {
  const { db, settings, fernetKey, clock, ids, network } = place;
  const log = new KeptLog();
  const values = new Map<InjectionToken, unknown>([
    [Database, db],
    [Clock, clock],
    [Ids, ids],
    [Logger, log],
    [OrchestratorSettings, settings],
    [SecretBox, new SecretBox([fernetKey], clock)],
    [AgentKeyDigester, new AgentKeyDigester(fernetKey)],
    [Metrics, new PromMetrics()],
    [Tracing, new OtelTracing()],
    [ReceiptMaker, new ReceiptMaker(fernetKey)],
  ]);
  const providers = [...values].map(([provide, useValue]) => ({ provide, useValue }));
  const surroundings = { module: WorldModule, global: true, providers, exports: [...values.keys()] };
  const link = network.openOrchestratorEnd(life);
  const nest = await Test.createTestingModule({ imports: [surroundings, DispatchModule, RestoreModule] })
    .overrideProvider(HttpAgentLink)
    .useValue(link)
    .overrideProvider(AgentLink)
    .useValue(link)
    .compile();
  await nest.init();
  return { life, nest, log };
}

/**
 * Runs keeps every run from its acceptance to its one final state, with its output.
 * It does not send anything to agents (dispatch does) and does not decide whether a script may run (the agent's manifest does).
 * Called by the API and by what agents say; dispatch stands above and provides the DispatchGate.
 */
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { CatalogueModule } from '../catalogue/index.js';
import { LinksModule } from '../links/index.js';
import { RegistryModule } from '../registry/index.js';
import { SqlIdempotencyStore } from './adapters/sql-idempotency.store.js';
import { SqlRunsStore } from './adapters/sql-runs.store.js';
import { AutomaticRetries } from './automatic-retries.js';
import { DeferredGate } from './deferred-gate.js';
import { DispatchGate } from './dispatch-gate.js';
import { IdempotencyStore } from './idempotency.store.js';
import { KeySweep } from './key-sweep.js';
import { OutputApi } from './output.api.js';
import { OutputFollower } from './output-follower.js';
import { OutputIntake } from './output-intake.js';
import { OutputPoller } from './output-poller.js';
import { OutputReader } from './output-reader.js';
import { QueueBound } from './queue-bound.js';
import { RunAnswers } from './run-answers.js';
import { RunBirth } from './run-birth.js';
import { RunCancels } from './run-cancels.js';
import { RunFeed } from './run-feed.js';
import { RunHistoryApi } from './run-history.api.js';
import { RunHistoryController } from './run-history.controller.js';
import { HistorySurroundings, RunHistory } from './run-history.js';
import { IntakeSurroundings, RunIntake } from './run-intake.js';
import { RunSpans } from './run-spans.js';
import { RunWaiter } from './run-waiter.js';
import { RunWriter } from './run-writer.js';
import { RunsOfRemovedAgents } from './runs-of-removed-agents.js';
import { RunsApi } from './runs.api.js';
import { RunsController } from './runs.controller.js';
import { Admission, RunsService } from './runs.service.js';
import { RunsStore } from './runs.store.js';
import { UnknownRuns } from './unknown-runs.js';
import { WholeResults } from './whole-results.js';

@Module({
  imports: [AuditModule, CatalogueModule, LinksModule, RegistryModule],
  controllers: [RunHistoryController, RunsController],
  providers: [
    { provide: RunsStore, useClass: SqlRunsStore },
    { provide: IdempotencyStore, useClass: SqlIdempotencyStore },
    { provide: DispatchGate, useExisting: DeferredGate },
    DeferredGate,
    Admission,
    AutomaticRetries,
    HistorySurroundings,
    IntakeSurroundings,
    KeySweep,
    OutputApi,
    OutputFollower,
    OutputIntake,
    OutputPoller,
    OutputReader,
    QueueBound,
    RunAnswers,
    RunBirth,
    RunCancels,
    RunFeed,
    RunHistory,
    RunHistoryApi,
    RunIntake,
    RunSpans,
    RunsApi,
    RunsOfRemovedAgents,
    RunsService,
    RunWaiter,
    RunWriter,
    UnknownRuns,
    WholeResults,
  ],
  exports: [RunCancels, RunsService, RunsStore, RunWaiter, RunWriter, RunFeed, DeferredGate, WholeResults],
})
export class RunsModule {}

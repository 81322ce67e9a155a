/**
 * Execution decides about offers, cancels and asks by the journal, and has accepted runs started.
 * It neither ships output (reporting does) nor judges scripts (manifest does).
 * Called by the orchestrator's messages; reporting listens to its starter.
 */
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { AgentSettings } from '@scriptmesh/config';
import { Logger } from '@scriptmesh/logging';
import { Clock, Ids } from '@scriptmesh/runtime';
import { Tracing } from '@scriptmesh/tracing';
import { AGENT_VERSION } from '../../agent-version.js';
import { Journal, JournalModule, SpoolFolder, SpoolSpace } from '../journal/index.js';
import { LinkModule, OrchestratorTime, WelcomeGate } from '../link/index.js';
import { ManifestModule, ManifestReader } from '../manifest/index.js';
import { AcceptedRuns } from './accepted-runs.js';
import { RunSpans } from './domain/run-spans.js';
import { Slots } from './domain/slots.js';
import { LocalRuns } from './local/local-runs.js';
import { AgentParts } from './offer/agent-parts.js';
import { LeftRuns } from './restart/left-runs.js';
import { RunDesk } from './run-desk.js';
import { ChildProcessStarter } from './starter/child-process-starter.js';
import { ScriptStarter } from './starter/script-starter.js';
import { canSupervise, startSupervisor, SupervisorProgram } from './starter/supervisor-program.js';
import { SupervisorLink } from './starter/supervisor-link.js';
import { SupervisorStarter } from './starter/supervisor-starter.js';

@Module({
  imports: [ManifestModule, JournalModule, LinkModule],
  providers: [
    RunDesk,
    { provide: RunSpans, inject: [Tracing], useFactory: (tracing: Tracing) => new RunSpans(tracing) },
    { provide: AcceptedRuns, useFactory: () => new AcceptedRuns() },
    {
      provide: Slots,
      inject: [AgentSettings],
      useFactory: (settings: AgentSettings) => new Slots(settings.maxConcurrentRuns),
    },
    {
      provide: ScriptStarter,
      inject: [SupervisorProgram, SpoolFolder, AgentSettings, Clock, Logger],
      useFactory: chooseStarter,
    },
    {
      provide: LeftRuns,
      inject: [Journal, ScriptStarter, Clock, AgentSettings, Logger],
      useFactory: (...parts: ConstructorParameters<typeof LeftRuns>) => new LeftRuns(...parts),
    },
    {
      provide: AgentParts,
      inject: [
        Journal,
        SpoolSpace,
        ManifestReader,
        Slots,
        ScriptStarter,
        LeftRuns,
        OrchestratorTime,
        WelcomeGate,
        AgentSettings,
        Logger,
        RunSpans,
      ],
      useFactory: toAgentParts,
    },
    {
      provide: LocalRuns,
      inject: [AgentParts, Ids],
      useFactory: (parts: AgentParts, ids: Ids) => new LocalRuns(parts, ids),
    },
  ],
  exports: [AcceptedRuns, LocalRuns, ScriptStarter, Slots],
})
export class ExecutionModule {}

function chooseStarter(
  program: SupervisorProgram,
  { path: spool }: SpoolFolder,
  { home }: AgentSettings,
  clock: Clock,
  log: Logger,
): ScriptStarter {
  if (!canSupervise()) return new ChildProcessStarter(clock, log);
  const place = { spool, logFile: join(home, 'logs', 'ScriptMesh-supervisor.log'), version: AGENT_VERSION };
  const link = new SupervisorLink(spool, () => startSupervisor(program, place), clock, log);
  return new SupervisorStarter(link, AGENT_VERSION, clock, log);
}

function toAgentParts(
  journal: Journal,
  space: SpoolSpace,
  manifest: ManifestReader,
  slots: Slots,
  starter: ScriptStarter,
  leftRuns: LeftRuns,
  time: OrchestratorTime,
  gate: WelcomeGate,
  settings: AgentSettings,
  log: Logger,
  spans: RunSpans,
): AgentParts {
  return { journal, space, manifest, slots, starter, leftRuns, time, gate, settings, log, spans };
}

/**
 * Enrolment makes this agent known to its orchestrator and keeps it so: registration, hello, heartbeats, manifest news.
 * It runs nothing and records nothing but the agent's id. Started by the program once its door is open.
 */
import { Module, type OnModuleDestroy } from '@nestjs/common';
import { AgentSettings } from '@scriptmesh/config';
import { Logger } from '@scriptmesh/logging';
import { Clock, Ids } from '@scriptmesh/runtime';
import { ExecutionModule, Slots } from '../execution/index.js';
import { Journal, JournalModule, SpoolSpace } from '../journal/index.js';
import { LinkModule, OrchestratorMail, OrchestratorTime, OwnId, WelcomeGate } from '../link/index.js';
import { ManifestModule, ManifestReader } from '../manifest/index.js';
import { HttpRegistrationApi } from './adapters/http-registration-api.js';
import { OsNodeFacts } from './adapters/os-node-facts.js';
import { EnrolmentService } from './enrolment.service.js';
import { Greeter } from './greeter.js';
import { NodeFacts } from './node-facts.js';
import { Registrar } from './registrar.js';
import { RegistrationApi } from './registration-api.js';
import { SignsOfLife } from './signs-of-life.js';

@Module({
  imports: [ManifestModule, JournalModule, LinkModule, ExecutionModule],
  providers: [
    { provide: NodeFacts, inject: [Clock], useFactory: (clock: Clock) => new OsNodeFacts(clock) },
    {
      provide: RegistrationApi,
      inject: [AgentSettings],
      useFactory: (s: AgentSettings) => new HttpRegistrationApi(s.orchestratorUrl, s.clientCertificate),
    },
    {
      provide: SignsOfLife,
      inject: [Journal, SpoolSpace, ManifestReader, Slots, NodeFacts],
      useFactory: (...parts: ConstructorParameters<typeof SignsOfLife>) => new SignsOfLife(...parts),
    },
    {
      provide: Greeter,
      inject: [Ids, Journal, WelcomeGate, SignsOfLife, OrchestratorTime, Clock, Logger],
      useFactory: toGreeter,
    },
    {
      provide: Registrar,
      inject: [RegistrationApi, OwnId, AgentSettings, Clock, Ids, Logger],
      useFactory: (api: RegistrationApi, ownId: OwnId, settings: AgentSettings, clock: Clock, ids: Ids, log: Logger) =>
        new Registrar({ api, ownId, settings, clock, ids, log }),
    },
    {
      provide: EnrolmentService,
      inject: [
        OrchestratorMail,
        WelcomeGate,
        Greeter,
        Registrar,
        SignsOfLife,
        ManifestReader,
        NodeFacts,
        AgentSettings,
        Clock,
      ],
      useFactory: toEnrolment,
    },
  ],
  exports: [EnrolmentService],
})
export class EnrolmentModule implements OnModuleDestroy {
  constructor(private readonly enrolment: EnrolmentService) {}

  onModuleDestroy(): void {
    this.enrolment.stop();
  }
}

function toGreeter(
  ids: Ids,
  journal: Journal,
  gate: WelcomeGate,
  signs: SignsOfLife,
  time: OrchestratorTime,
  clock: Clock,
  log: Logger,
): Greeter {
  return new Greeter(ids.randomHex(16), { journal, gate, signs, time, clock, log });
}

function toEnrolment(
  mail: OrchestratorMail,
  gate: WelcomeGate,
  greeter: Greeter,
  registrar: Registrar,
  signs: SignsOfLife,
  manifest: ManifestReader,
  node: NodeFacts,
  settings: AgentSettings,
  clock: Clock,
): EnrolmentService {
  return new EnrolmentService({ mail, gate, greeter, registrar, signs, manifest, node, settings, clock });
}

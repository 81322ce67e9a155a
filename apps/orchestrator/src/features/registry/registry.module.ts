/**
 * The registry knows the agents: who they are, where they are, which key each has.
 * It does not speak with them (links does) nor judge whether they live (heartbeat does).
 * Called by every feature above and by the API.
 */
import { Module } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { AddressPolicy } from '@scriptmesh/transport';
import { AuditModule } from '../audit/index.js';
import { SqlAgentsStore } from './adapters/sql-agents.store.js';
import { AgentCredentials } from './agent-credentials.js';
import { AgentDirectory } from './agent-directory.js';
import { AgentNotes } from './agent-notes.js';
import { AgentsStore } from './agents.store.js';
import { KeyKeeper } from './key-keeper.js';
import { LivenessView } from './liveness-view.js';
import { NotesWriter } from './notes-writer.js';
import { RegistrationRules } from './registration-rules.js';
import { RegistrationService, RegistrationSurroundings } from './registration.service.js';
import { Registrations } from './registrations.js';
import { RegistryApi } from './registry.api.js';
import { RegistryController } from './registry.controller.js';
import { RegistryService } from './registry.service.js';

@Module({
  imports: [AuditModule],
  controllers: [RegistryController],
  providers: [
    { provide: AgentsStore, useClass: SqlAgentsStore },
    { provide: AgentDirectory, useExisting: RegistryService },
    {
      provide: AddressPolicy,
      inject: [OrchestratorSettings],
      useFactory: (settings: OrchestratorSettings) => new AddressPolicy(settings.agentAllowedRanges),
    },
    RegistryService,
    RegistrationService,
    RegistrationSurroundings,
    RegistrationRules,
    Registrations,
    RegistryApi,
    KeyKeeper,
    AgentCredentials,
    AgentNotes,
    NotesWriter,
    LivenessView,
  ],
  exports: [AgentDirectory, Registrations, AgentCredentials, AgentNotes, LivenessView, AddressPolicy],
})
export class RegistryModule {}

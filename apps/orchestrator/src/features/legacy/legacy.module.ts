/**
 * Legacy serves the routes of ScriptMesh 0.2, byte for byte, on top of what everybody else uses.
 * It does not speak to 0.2 agents (legacy-calls does) and drives no run (dispatch does).
 * Called by controllers, cron lines and agents of 0.2; nothing imports it.
 */
import { Module } from '@nestjs/common';
import { CatalogueModule } from '../catalogue/index.js';
import { DispatchModule } from '../dispatch/index.js';
import { FilesModule } from '../files/index.js';
import { LegacyCallsModule } from '../legacy-calls/index.js';
import { LinksModule } from '../links/index.js';
import { RegistryModule } from '../registry/index.js';
import { RunsModule } from '../runs/index.js';
import { AgentsOf02 } from './agents-of-02.js';
import { FilesOf02 } from './files-of-02.js';
import { ImportOf02 } from './import-of-02.js';
import { LegacyController } from './legacy.controller.js';
import { LegacyWait, QueueExit } from './legacy-wait.js';
import { ReachAgent } from './reach-agent.js';
import { RegistrationOf02 } from './registration-of-02.js';
import { ManifestSources, ScriptsOf02 } from './scripts-of-02.js';
import { TriggerOf02 } from './trigger-of-02.js';

@Module({
  imports: [CatalogueModule, DispatchModule, FilesModule, LegacyCallsModule, LinksModule, RegistryModule, RunsModule],
  controllers: [LegacyController],
  providers: [
    AgentsOf02,
    FilesOf02,
    ImportOf02,
    LegacyWait,
    ManifestSources,
    QueueExit,
    ReachAgent,
    RegistrationOf02,
    ScriptsOf02,
    TriggerOf02,
  ],
})
export class LegacyModule {}

/**
 * Heartbeat knows which agents live: it takes in their hellos and signs of life, and polls all of them.
 * It decides nothing about runs; dispatch listens when an agent is back or has free slots.
 * Called by the agents' messages and by its own interval.
 */
import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AuditModule } from '../audit/index.js';
import { LegacyCallsModule } from '../legacy-calls/index.js';
import { LinksModule } from '../links/index.js';
import { RegistryModule } from '../registry/index.js';
import { AgentLiveness } from './agent-liveness.js';
import { HeartbeatService } from './heartbeat.service.js';
import { AgentPolls } from './agent-polls.js';
import { JournalEpochs } from './journal-epochs.js';
import { LegacyPolls } from './legacy-polls.js';
import { ManifestIntake } from './manifest-intake.js';
import { NoteLiveness } from './note-liveness.js';
import { SweepNews } from './sweep-news.js';
import { SweepPace } from './sweep-pace.js';
import { SweepService, SweepSurroundings } from './sweep.service.js';

@Module({
  imports: [ScheduleModule.forRoot(), AuditModule, RegistryModule, LinksModule, LegacyCallsModule],
  providers: [
    AgentPolls,
    HeartbeatService,
    JournalEpochs,
    LegacyPolls,
    ManifestIntake,
    NoteLiveness,
    SweepPace,
    SweepService,
    SweepSurroundings,
    { provide: AgentLiveness, useExisting: NoteLiveness },
    { provide: SweepNews, useExisting: SweepService },
  ],
  exports: [AgentLiveness, SweepNews],
})
export class HeartbeatModule {}

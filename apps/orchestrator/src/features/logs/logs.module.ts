/**
 * Logs shows the log files of agents, which they alone permit and read, and the orchestrator's own.
 * It stores nothing and touches no run. Called by the API only.
 */
import { Module } from '@nestjs/common';
import { LinksModule } from '../links/index.js';
import { RegistryModule } from '../registry/index.js';
import { LogFollower } from './log-follower.js';
import { LogReadings } from './log-readings.js';
import { LogRequests } from './log-requests.js';
import { LogSender } from './log-sender.js';
import { LogSources } from './log-sources.js';
import { LogsApi } from './logs.api.js';
import { LogsController } from './logs.controller.js';

@Module({
  imports: [LinksModule, RegistryModule],
  controllers: [LogsController],
  providers: [LogFollower, LogReadings, LogRequests, LogSender, LogSources, LogsApi],
})
export class LogsModule {}

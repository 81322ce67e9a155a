/**
 * Links talks with agents in messages: envelope, MAC, transport. It knows nothing of runs.
 * Heartbeat, runs and dispatch register for the kinds of messages they understand.
 */
import { Module } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { Logger } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import { AddressPolicy, AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { RegistryModule } from '../registry/index.js';
import { AgentLinks } from './agent-links.js';
import { EnvelopeMaker } from './envelope-maker.js';
import { FrameAgentLinks } from './frame-agent-links.js';
import { FrameDoor } from './frame-door.js';
import { FramesController } from './frames.controller.js';
import { IncomingFrames } from './incoming-frames.js';

@Module({
  imports: [RegistryModule],
  controllers: [FramesController],
  providers: [
    {
      provide: HttpAgentLink,
      inject: [OrchestratorSettings, Clock, Logger, AddressPolicy],
      useFactory: (settings: OrchestratorSettings, clock: Clock, logger: Logger, policy: AddressPolicy) =>
        new HttpAgentLink({ clock, logger, policy, timeoutMs: settings.heartbeatTimeoutSeconds * 1000 }),
    },
    { provide: AgentLink, useExisting: HttpAgentLink },
    { provide: AgentLinks, useClass: FrameAgentLinks },
    EnvelopeMaker,
    FrameDoor,
    IncomingFrames,
  ],
  exports: [AgentLinks],
})
export class LinksModule {}

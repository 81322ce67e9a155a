/**
 * Links talks with agents in messages: envelope, MAC, transport. It knows nothing of runs.
 * Heartbeat, runs and dispatch register for the kinds of messages they understand.
 */
import { Module } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { Logger } from '@scriptmesh/logging';
import { Metrics } from '@scriptmesh/metrics';
import { Clock } from '@scriptmesh/runtime';
import {
  AddressPolicy,
  AgentLink,
  CombinedAgentLink,
  HttpAgentLink,
  MeteredAgentLink,
  WebSocketAgentLink,
} from '@scriptmesh/transport';
import { RegistryModule } from '../registry/index.js';
import { AgentLinks } from './agent-links.js';
import { EnvelopeMaker } from './envelope-maker.js';
import { FrameAgentLinks } from './frame-agent-links.js';
import { AgentSocketController } from './agent-socket.controller.js';
import { FrameDoor } from './frame-door.js';
import { FramesController } from './frames.controller.js';
import { IncomingFrames } from './incoming-frames.js';
import { SocketDoor } from './socket-door.js';
import { StoreWatch } from './store-watch.js';

@Module({
  imports: [RegistryModule],
  controllers: [FramesController, AgentSocketController],
  providers: [
    {
      provide: HttpAgentLink,
      inject: [OrchestratorSettings, Clock, Logger, AddressPolicy],
      useFactory: (settings: OrchestratorSettings, clock: Clock, logger: Logger, policy: AddressPolicy) =>
        new HttpAgentLink({ clock, logger, policy, timeoutMs: settings.heartbeatTimeoutSeconds * 1000 }),
    },
    {
      provide: WebSocketAgentLink,
      inject: [OrchestratorSettings, Clock, Logger],
      useFactory: (settings: OrchestratorSettings, clock: Clock, logger: Logger) =>
        new WebSocketAgentLink({ clock, logger, timeoutMs: settings.heartbeatTimeoutSeconds * 1000 }),
    },
    {
      provide: AgentLink,
      inject: [OrchestratorSettings, WebSocketAgentLink, HttpAgentLink, Metrics, Clock],
      useFactory: (
        { transports }: OrchestratorSettings,
        websocket: WebSocketAgentLink,
        http: HttpAgentLink,
        metrics: Metrics,
        clock: Clock,
      ) => {
        // A socket that stands is quicker than a dial.
        const links = { websocket, http };
        return new CombinedAgentLink(
          (['websocket', 'http'] as const)
            .filter((name) => transports.includes(name))
            .map((name) => new MeteredAgentLink(links[name], name, metrics, clock)),
        );
      },
    },
    { provide: AgentLinks, useClass: FrameAgentLinks },
    EnvelopeMaker,
    FrameDoor,
    SocketDoor,
    IncomingFrames,
    StoreWatch,
  ],
  exports: [AgentLinks, StoreWatch],
})
export class LinksModule {}

/**
 * Link turns messages into frames and back, checks who speaks, and is the agent's http door (which stays shut while the
 * transport is websocket).
 * It knows nothing of runs: features above register for the kinds of messages they understand.
 */
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { AgentSettings } from '@scriptmesh/config';
import { Logger } from '@scriptmesh/logging';
import { Metrics } from '@scriptmesh/metrics';
import { Clock, Ids } from '@scriptmesh/runtime';
import {
  HttpOrchestratorLink,
  MeteredOrchestratorLink,
  OrchestratorLink,
  WebSocketOrchestratorLink,
} from '@scriptmesh/transport';
import { Journal, JournalModule, SpoolDisk, SpoolFolder } from '../journal/index.js';
import { FileOwnId } from './adapters/file-own-id.js';
import { DoorErrorFilter } from './door/door-error.filter.js';
import { FrameDoor } from './door/frame-door.js';
import { FramesController } from './door/frames.controller.js';
import { LivezController } from './door/livez.controller.js';
import { MessageSeal } from './message-seal.js';
import { OrchestratorMail } from './orchestrator-mail.js';
import { OrchestratorTime } from './orchestrator-time.js';
import { OwnId } from './own-id.js';
import { WelcomeGate } from './welcome-gate.js';

const openLink = (settings: AgentSettings, clock: Clock, logger: Logger): HttpOrchestratorLink => {
  const { orchestratorUrl, clientCertificate: certificate } = settings;
  return new HttpOrchestratorLink({ orchestratorUrl, certificate, clock, logger });
};

const chooseLink = (
  { transport, orchestratorUrl, clientCertificate: certificate }: AgentSettings,
  http: HttpOrchestratorLink,
  clock: Clock,
  ids: Ids,
  logger: Logger,
  metrics: Metrics,
): OrchestratorLink => {
  const isDialling = transport === 'websocket';
  const link = isDialling ? new WebSocketOrchestratorLink({ orchestratorUrl, certificate, clock, ids, logger }) : http;
  return new MeteredOrchestratorLink(link, transport, metrics, clock);
};

@Module({
  imports: [JournalModule],
  controllers: [FramesController, LivezController],
  providers: [
    FrameDoor,
    DoorErrorFilter,
    WelcomeGate,
    { provide: HttpOrchestratorLink, inject: [AgentSettings, Clock, Logger], useFactory: openLink },
    {
      provide: OrchestratorLink,
      inject: [AgentSettings, HttpOrchestratorLink, Clock, Ids, Logger, Metrics],
      useFactory: chooseLink,
    },
    { provide: OrchestratorTime, inject: [Clock], useFactory: (clock: Clock) => new OrchestratorTime(clock) },
    {
      provide: OwnId,
      inject: [SpoolFolder, SpoolDisk],
      useFactory: (folder: SpoolFolder, disk: SpoolDisk) => new FileOwnId(folder.path, disk),
    },
    {
      provide: MessageSeal,
      inject: [AgentSettings, Journal, OrchestratorTime],
      useFactory: (settings: AgentSettings, journal: Journal, time: OrchestratorTime) =>
        new MessageSeal(settings.key, journal, time),
    },
    {
      provide: OrchestratorMail,
      inject: [OrchestratorLink, MessageSeal, OwnId, WelcomeGate, Logger],
      useFactory: (...parts: ConstructorParameters<typeof OrchestratorMail>) => new OrchestratorMail(...parts),
    },
  ],
  exports: [OrchestratorMail, OrchestratorTime, OwnId, WelcomeGate],
})
export class LinkModule implements OnApplicationShutdown {
  constructor(private readonly link: OrchestratorLink) {}

  onApplicationShutdown(): Promise<void> {
    return this.link.close();
  }
}

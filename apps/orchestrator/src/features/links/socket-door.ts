import type { IncomingMessage } from 'node:http';
import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { MeshError, type AgentId } from '@scriptmesh/contracts';
import { WebSocketAgentLink } from '@scriptmesh/transport';
import { takeUpgrade } from '../../http/upgraded-request.js';
import { AgentDirectory, AgentNotes } from '../registry/index.js';

/** Hands sockets that agents open to the websocket transport, and closes those of agents that are removed. */
@Injectable()
export class SocketDoor implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    private readonly transport: WebSocketAgentLink,
    private readonly agents: AgentDirectory,
    private readonly notes: AgentNotes,
    private readonly settings: OrchestratorSettings,
  ) {}

  onModuleInit(): void {
    this.agents.onRemoving((_trx, { id }) => Promise.resolve(() => this.transport.drop(id)));
  }

  /** The HTTP server does not know these sockets any more, and yet waits for them when it closes. */
  beforeApplicationShutdown(): Promise<void> {
    return this.transport.close();
  }

  /** @param agentId whose key the request has shown */
  open(agentId: AgentId, request: IncomingMessage): void {
    if (!this.settings.transports.includes('websocket')) {
      throw new MeshError('route/not-found', 'the transport "websocket" is not switched on here');
    }
    const upgrade = takeUpgrade(request);
    if (!upgrade) {
      throw new MeshError('request/malformed', 'this route wants an upgrade to a WebSocket', {
        hint: 'A proxy in between has to pass the headers Upgrade and Connection on: docs/specs/websocket.md.',
      });
    }
    this.transport.accept(agentId, upgrade, () => this.notes.noteSpeaksItself(agentId));
  }
}

import { Injectable, StreamableFile } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { MeshError, type AgentId } from '@scriptmesh/contracts';
import { FRAMES_CONTENT_TYPE, HttpAgentLink } from '@scriptmesh/transport';
import { AgentNotes } from '../registry/index.js';

/** Hands what an agent has POSTed to the http transport. */
@Injectable()
export class FrameDoor {
  constructor(
    private readonly transport: HttpAgentLink,
    private readonly notes: AgentNotes,
    private readonly settings: OrchestratorSettings,
  ) {}

  /** @param body the raw body; an empty one reaches us as something else than bytes and is a poll */
  async exchange(agentId: AgentId, body: unknown): Promise<StreamableFile> {
    if (!this.settings.transports.includes('http')) {
      throw new MeshError('route/not-found', 'the transport "http" is not switched on here');
    }
    this.notes.noteSpeaksItself(agentId);
    const answer = await this.transport.receive(agentId, body instanceof Uint8Array ? body : new Uint8Array(0));
    return new StreamableFile(answer, { type: FRAMES_CONTENT_TYPE, length: answer.byteLength });
  }
}

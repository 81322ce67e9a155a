import { Injectable, StreamableFile } from '@nestjs/common';
import { isAgentId, MeshError } from '@scriptmesh/contracts';
import { FRAMES_CONTENT_TYPE, HttpOrchestratorLink } from '@scriptmesh/transport';

/** The way from the http door into the transport. */
@Injectable()
export class FrameDoor {
  constructor(private readonly link: HttpOrchestratorLink) {}

  /** @throws MeshError request/unsupported-type, message/malformed and what the transport throws */
  async receive(headers: Record<string, unknown>, body: unknown): Promise<StreamableFile> {
    if (headers['content-type'] !== FRAMES_CONTENT_TYPE) {
      throw new MeshError('request/unsupported-type', 'the body is not a list of frames', {
        hint: `Send it with "content-type: ${FRAMES_CONTENT_TYPE}".`,
      });
    }
    const agentId = headers['x-scriptmesh-agent'];
    if (!isAgentId(agentId))
      throw new MeshError('message/malformed', 'the header x-scriptmesh-agent does not hold the id of an agent');
    const answer = await this.link.receive(agentId, body instanceof Uint8Array ? body : new Uint8Array(0));
    return new StreamableFile(answer, { type: FRAMES_CONTENT_TYPE });
  }

  refuseMethod(): never {
    throw new MeshError('route/method-not-allowed', 'frames are posted', { hint: 'Use POST.' });
  }
}

import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import {
  isMeshError,
  LEGACY_NO_JSON,
  legacyDetail,
  MeshError,
  toProblem,
  type LegacyReply,
} from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import { Ids } from '@scriptmesh/runtime';
import type { Request, Response } from 'express';

/** Turns every error of the door into an answer; an unexpected one shows nothing of its inside. */
@Catch()
export class DoorErrorFilter implements ExceptionFilter {
  constructor(
    private readonly ids: Ids,
    private readonly log: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) return void response.end();
    const meshError = this.#toMeshError(error);
    if (request.path.startsWith('/api/v1/')) {
      response
        .status(meshError.status)
        .type('application/problem+json')
        .send(JSON.stringify(toProblem(meshError, this.ids.uuid())));
      return;
    }
    // Outside /api/v1 the bodies are those of 0.2.
    if (meshError.code === 'request/malformed') return sendLegacy(response, LEGACY_NO_JSON);
    const detail =
      meshError.status === 404 ? 'Not Found' : meshError.status === 405 ? 'Method Not Allowed' : meshError.title;
    sendLegacy(response, legacyDetail(meshError.status, detail));
  }

  #toMeshError(error: unknown): MeshError {
    if (isMeshError(error)) return error;
    const status = statusOf(error);
    if (status === 404)
      return new MeshError('route/not-found', 'there is no such route', {
        hint: "An agent's routes are for its orchestrator.",
      });
    if (status === 413) return new MeshError('request/too-large', 'the body is over the limit');
    if (status >= 400 && status < 500) return new MeshError('request/malformed', 'the request cannot be read');
    this.log.error('door.failed', { error });
    return new MeshError('internal/unexpected', 'the agent could not handle the request');
  }
}

/** 0.2 names no charset. */
function sendLegacy(response: Response, { status, json }: LegacyReply): void {
  response.status(status).setHeader('content-type', 'application/json');
  response.end(Buffer.from(json));
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === 'number' ? status : 500;
}

import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import { toProblem } from '@scriptmesh/contracts';
import { currentLogContext, Logger } from '@scriptmesh/logging';
import type { Request, Response } from 'express';
import { allowedMethods } from './allowed-methods.js';
import { legacyBody } from './legacy-body.js';
import { toMeshError } from './to-mesh-error.js';

/** The one place where errors become HTTP. What was not expected is logged here and never shows its inside. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const methods = allowedMethods(request);
    const error = toMeshError(thrown, request, methods);
    if (error.status >= 500) this.log.error('http.failed', { code: error.code, facts: error.facts, error });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error.code === 'route/method-not-allowed') response.setHeader('allow', methods.join(', '));
    if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(error.retryAfterSeconds));
    // A body that was not read to its end must not be taken for the next request.
    if (error.status === 413 || error.status === 401) response.setHeader('connection', 'close');
    response.status(error.status);
    const legacy = legacyBody(request.originalUrl, error);
    if (legacy) response.type('application/json').send(legacy);
    else
      response
        .type('application/problem+json')
        .send(JSON.stringify(toProblem(error, String(currentLogContext()['requestId'] ?? ''))));
  }
}

import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import { toProblem, type LegacyReply } from '@scriptmesh/contracts';
import { currentLogContext, Logger } from '@scriptmesh/logging';
import { Metrics, type Counter } from '@scriptmesh/metrics';
import type { Request, Response } from 'express';
import { allowedMethods } from './allowed-methods.js';
import { closeGently } from './close-gently.js';
import { legacyError } from './legacy-error.js';
import { toMeshError } from './to-mesh-error.js';

/** The one place where errors become HTTP. What was not expected is logged here and never shows its inside. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  readonly #authFailures: Counter;

  constructor(
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.#authFailures = metrics.counter({
      name: 'scriptmesh_auth_failures_total',
      help: 'Requests refused because of their key, by the reason.',
      labels: ['reason'],
    });
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const methods = allowedMethods(request);
    const error = toMeshError(thrown, request, methods);
    if (error.code.startsWith('auth/')) this.#authFailures.add({ reason: error.code.slice('auth/'.length) });
    if (error.status >= 500) this.log.error('http.failed', { code: error.code, facts: error.facts, error });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error.code === 'route/method-not-allowed') response.setHeader('allow', methods.join(', '));
    if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(error.retryAfterSeconds));
    // A body that was not read to its end must not be taken for the next request.
    if (error.status === 413 || error.status === 401) closeGently(request, response);
    const legacy = legacyError(request.originalUrl, error);
    if (legacy) sendLegacy(response, legacy);
    else
      response
        .status(error.status)
        .type('application/problem+json')
        .send(JSON.stringify(toProblem(error, String(currentLogContext()['requestId'] ?? ''))));
  }
}

/** 0.2 names no charset. */
function sendLegacy(response: Response, { status, json }: LegacyReply): void {
  response.status(status).setHeader('content-type', 'application/json');
  response.end(Buffer.from(json));
}

import { currentLogContext, type LogFields, type Logger, withLogContext } from '@scriptmesh/logging';
import type { Clock, Ids } from '@scriptmesh/runtime';
import type { NextFunction, Request, Response } from 'express';

/** Asked for so often, by programs, that they would bury the others. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(['/livez', '/readyz', '/api/v1/agents/:agentId/frames']);

/**
 * Gives every request an id of ours (one from outside is not believed), and logs its end. The route's pattern is logged
 * and not the path, and no header or query: people put keys in all of them.
 */
export const requestContext =
  (ids: Ids, clock: Clock, log: Logger) =>
  (request: Request, response: Response, next: NextFunction): void => {
    const requestId = ids.uuid();
    const begunMs = clock.monotonicMs();
    response.setHeader('x-request-id', requestId);
    const logEnd = (context: LogFields): void => {
      const durationMs = Math.round(clock.monotonicMs() - begunMs);
      const route = (request.route as { path?: string } | undefined)?.path ?? null;
      const fields = { ...context, method: request.method, route, status: response.statusCode, durationMs };
      if (route !== null && QUIET_ROUTES.has(route)) log.debug('http.request', fields);
      else log.info('http.request', fields);
    };
    withLogContext({ requestId }, () => {
      // The socket's events know nothing of the request; its context has by then learnt the id of its run.
      const context = currentLogContext();
      response.once('close', () => logEnd(context));
      next();
    });
  };

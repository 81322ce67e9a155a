import { SHORT_SECONDS, type Metrics } from '@scriptmesh/metrics';
import type { Clock } from '@scriptmesh/runtime';
import type { NextFunction, Request, Response } from 'express';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts requests by the template of their route: never by a path, of which there are as many as callers like. */
export function countRequests(metrics: Metrics, clock: Clock) {
  const labels = ['method', 'route', 'status'];
  const requests = metrics.counter({
    name: 'scriptmesh_http_requests_total',
    help: 'Requests that were answered.',
    labels,
  });
  const durations = metrics.histogram({
    name: 'scriptmesh_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer, waits that the caller asked for included.',
    labels: ['method', 'route'],
    buckets: SHORT_SECONDS,
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    const begunMs = clock.monotonicMs();
    response.once('close', () => {
      const path = (request.route as { path?: unknown } | undefined)?.path;
      const route = typeof path === 'string' ? path : 'none';
      const method = METHODS.has(request.method) ? request.method : 'other';
      requests.add({ method, route, status: String(response.statusCode) });
      durations.observe((clock.monotonicMs() - begunMs) / 1000, { method, route });
    });
    next();
  };
}

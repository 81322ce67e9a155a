import type { Span, Tracing } from '@scriptmesh/tracing';
import type { NextFunction, Request, Response } from 'express';

const spans = new WeakMap<Request, Span>();

/** One span for each request, below the caller's `traceparent`. Header, path and query are not noted: people put keys in all of them. */
export const traceRequests =
  (tracing: Tracing) =>
  (request: Request, response: Response, next: NextFunction): void => {
    const parents = request.headersDistinct['traceparent'] ?? [];
    const span = tracing.begin('scriptmesh.request', parents.length === 1 ? parents[0] : undefined, {
      'http.request.method': request.method,
    });
    spans.set(request, span);
    if (span.isRecording) response.once('close', () => endSpan(span, request, response));
    next();
  };

/** What work for this request hands on; null when nobody traces. */
export const traceparentOf = (request: Request): string | null => spans.get(request)?.traceparent ?? null;

function endSpan(span: Span, request: Request, { statusCode }: Response): void {
  const route = (request.route as { path?: string } | undefined)?.path ?? 'none';
  span.note({ 'http.route': route, 'http.response.status_code': statusCode });
  span.end(statusCode >= 500 ? `status ${statusCode}` : undefined);
}

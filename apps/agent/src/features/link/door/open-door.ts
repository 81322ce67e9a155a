import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { isLegacyJson } from '@scriptmesh/contracts';
import type { Metrics } from '@scriptmesh/metrics';
import { FRAME_LIST_LIMITS, FRAMES_CONTENT_TYPE } from '@scriptmesh/transport';
import { checkKey } from './check-key.js';
import { DoorErrorFilter } from './door-error.filter.js';

/** Of the 0.2 routes, whose bodies are one line. */
const JSON_LIMIT = 64 * 1024;

/** Time for the head of a request and for all of it: slow senders are let go. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** Sets up the agent's http door in the order in which a request meets it: key, body, routes, errors. */
export function openDoor(app: NestExpressApplication, ownKey: string, metrics: Metrics): void {
  app.disable('x-powered-by');
  app.disable('etag');
  const refused = metrics.counter({
    name: 'scriptmesh_auth_failures_total',
    help: 'Requests refused because of their key, by the reason.',
    labels: ['reason'],
  });
  app.use(checkKey(ownKey, () => refused.add({ reason: 'unauthorized' })));
  app.useBodyParser('raw', { type: FRAMES_CONTENT_TYPE, limit: FRAME_LIST_LIMITS.maxBytes });
  app.useBodyParser('json', { limit: JSON_LIMIT, strict: false, type: is02(isLegacyJson) });
  app.useBodyParser('text', { limit: JSON_LIMIT, type: is02((type) => !isLegacyJson(type)) });
  app.useGlobalFilters(app.get(DoorErrorFilter));
  const server = app.getHttpServer();
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  // Longer than the orchestrator keeps an idle connection, so that it is not cut while a request is on its way.
  server.keepAliveTimeout = 75_000;
}

/** Bodies outside /api/v1 are those of 0.2: what it does not take for JSON is text, which no route takes. */
const is02 =
  (isType: (contentType: string | undefined) => boolean) =>
  ({ url, headers }: IncomingMessage): boolean =>
    !url?.startsWith('/api/v1/') && isType(headers['content-type']);

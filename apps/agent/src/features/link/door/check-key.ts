import type { IncomingMessage, ServerResponse } from 'node:http';
import { keysEqual, readApiKey, readScrapeKey } from '@scriptmesh/auth';

const OPEN_PATH = '/livez';
/** Here alone the key may come as Prometheus sends it. */
const METRICS_PATH = '/metrics';
/** The body of every 401 here, as agents of 0.2 answer. */
const UNAUTHORIZED = JSON.stringify({ detail: 'Unauthorized: Invalid or missing API key' });

/**
 * Lets only holders of the agent's own key through, before a byte of the body is read and before any route is looked
 * up: so a stranger learns neither which routes there are nor can make the agent read.
 */
export const checkKey =
  (ownKey: string, noteRefusal: () => void) =>
  (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    if (isOpen(request) || hasKey(request, ownKey)) return next();
    noteRefusal();
    response.writeHead(401, {
      'content-type': 'application/json',
      'content-length': UNAUTHORIZED.length,
      connection: 'close',
    });
    response.end(request.method === 'HEAD' ? undefined : UNAUTHORIZED);
  };

/** Compared as it came: no other spelling of the path is open. */
const isOpen = ({ method, url }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && url?.split('?', 1)[0] === OPEN_PATH;

function hasKey(request: IncomingMessage, ownKey: string): boolean {
  try {
    const isScrape = request.url?.split('?', 1)[0] === METRICS_PATH;
    return keysEqual((isScrape ? readScrapeKey(request) : readApiKey(request)) ?? '', ownKey);
  } catch {
    return false; // Several keys: ambiguous, even if all are right.
  }
}

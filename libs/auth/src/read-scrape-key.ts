import type { IncomingMessage } from 'node:http';
import { MeshError } from '@scriptmesh/contracts';
import { readApiKey } from './read-api-key.js';

/**
 * The key of a request for metrics: x-api-key, or `Authorization: Bearer`, which is all that Prometheus can send.
 * @returns undefined when there is none
 * @throws MeshError auth/ambiguous-key when there are several, even if all are right
 */
export function readScrapeKey(request: Pick<IncomingMessage, 'headersDistinct'>): string | undefined {
  const given = request.headersDistinct['authorization'] ?? [];
  const key = readApiKey(request);
  if (given.length === 0) return key;
  if (key !== undefined || given.length > 1)
    throw new MeshError('auth/ambiguous-key', 'the request has several keys: send x-api-key or Authorization, once');
  return /^Bearer +(\S+)$/i.exec(given[0] ?? '')?.[1];
}

import type { IncomingMessage } from 'node:http';
import { MeshError } from '@scriptmesh/contracts';

/**
 * The key of a request: one x-api-key header, never query, cookie or body.
 * @returns undefined when there is none
 * @throws MeshError auth/ambiguous-key when there are several, even if all are right
 */
export function readApiKey(request: Pick<IncomingMessage, 'headersDistinct'>): string | undefined {
  const given = request.headersDistinct['x-api-key'] ?? [];
  if (given.length > 1) throw new MeshError('auth/ambiguous-key', `the request has ${given.length} x-api-key headers`);
  return given[0] === '' ? undefined : given[0];
}

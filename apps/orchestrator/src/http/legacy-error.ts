import { LEGACY_NO_JSON, type LegacyReply, type MeshError } from '@scriptmesh/contracts';
import { takesLegacyBody } from './legacy-bodies.js';

const BODIES: Readonly<Record<number, string>> = {
  401: '{"detail":"Unauthorized"}',
  404: '{"detail":"Not Found"}',
  405: '{"detail":"Method Not Allowed"}',
};

/** Outside /api/v1 these answers are those of ScriptMesh 0.2. */
export function legacyError(url: string, error: MeshError): LegacyReply | undefined {
  const [path = ''] = url.split('?', 1);
  if (path === '/api/v1' || path.startsWith('/api/v1/')) return undefined;
  if (takesLegacyBody(path) && error.code === 'request/malformed') return LEGACY_NO_JSON;
  const isRoute =
    error.code === 'route/not-found' || error.code === 'route/method-not-allowed' || error.code.startsWith('auth/');
  const json = isRoute ? BODIES[error.status] : undefined;
  return json === undefined ? undefined : { status: error.status, json };
}

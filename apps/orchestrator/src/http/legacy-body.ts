import type { MeshError } from '@scriptmesh/contracts';

const BODIES: Readonly<Record<number, string>> = {
  401: '{"detail":"Unauthorized"}',
  404: '{"detail":"Not Found"}',
  405: '{"detail":"Method Not Allowed"}',
};

/** Outside /api/v1 these answers are, byte for byte, those of ScriptMesh 0.2. */
export function legacyBody(url: string, error: MeshError): string | undefined {
  const isApi = url === '/api/v1' || url.startsWith('/api/v1/') || url.startsWith('/api/v1?');
  const isRoute =
    error.code === 'route/not-found' || error.code === 'route/method-not-allowed' || error.code.startsWith('auth/');
  return isApi || !isRoute ? undefined : BODIES[error.status];
}

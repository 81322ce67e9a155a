import { isLegacyJson } from '@scriptmesh/contracts';
import { parseAnyJson } from './strict-json.js';

/** 0.2 routes that take a body. */
const BODY_ROUTES: ReadonlySet<string> = new Set(['/register-agent', '/trigger-script']);

export const takesLegacyBody = (path: string): boolean => BODY_ROUTES.has(path);

/** As 0.2 reads bodies: without a content type for JSON, and what is none for text, which no route takes. */
export function parseLegacyBody(bytes: Buffer, contentType: string | undefined): unknown {
  if (bytes.length === 0) return undefined;
  return isLegacyJson(contentType) ? parseAnyJson(bytes) : bytes.toString('utf8');
}

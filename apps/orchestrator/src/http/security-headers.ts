import type { RequestHandler } from 'express';
import helmet, { type HelmetOptions } from 'helmet';

/** What browsers are told: no frames, no sniffing, nothing from elsewhere. No CORS: pages of other origins get nothing. */
export function securityHeaders(): RequestHandler {
  const headers = [...headersOf(RULES)];
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

/** They are the same for every answer, so helmet is asked once. */
function headersOf(rules: HelmetOptions): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const response = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  };
  helmet(rules)({} as never, response as never, (fault?: unknown) => {
    if (fault) throw fault;
  });
  return headers;
}

const RULES: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      // Swagger UI sets styles inline and shows pictures as data; upgrade-insecure-requests would blank it over plain http.
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
};

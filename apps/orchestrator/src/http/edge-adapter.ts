import { createServer, type Server } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { OrchestratorSettings } from '@scriptmesh/config';
import express from 'express';

/** How long slow callers are waited for, in milliseconds. */
export interface Patience {
  readonly headersTimeout: number;
  /** Headers and body. */
  readonly requestTimeout: number;
  /** How often it is looked for those whose time is up. */
  readonly connectionsCheckingInterval: number;
}

const PATIENCE: Patience = { headersTimeout: 5000, requestTimeout: 60_000, connectionsCheckingInterval: 1000 };
const KEEP_ALIVE_MS = 75_000;
const FINISH_WITHIN_MS = 5000;
const LOOK_FOR_IDLE_MS = 20;
const MOST_HEADER_BYTES = 16 * 1024;

/** Express with one spelling for each route, on a server that does not wait long for slow callers. */
export class EdgeAdapter extends ExpressAdapter {
  readonly #patience: Patience;

  constructor({ trustedProxies }: OrchestratorSettings, patience = PATIENCE) {
    super(makeExpress(trustedProxies));
    this.#patience = patience;
  }

  override initHttpServer(): void {
    this.httpServer = createServer(
      { ...this.#patience, keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: MOST_HEADER_BYTES },
      this.getInstance(),
    );
  }

  /** Takes no new connection, lets requests in hand finish within 5 s, then cuts what is left. */
  override async close(): Promise<void> {
    const server = this.httpServer as Server;
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    const looking = setInterval(() => server.closeIdleConnections(), LOOK_FOR_IDLE_MS);
    const hurry = setTimeout(() => server.closeAllConnections(), FINISH_WITHIN_MS);
    await closed;
    clearInterval(looking);
    clearTimeout(hurry);
  }
}

function makeExpress(trustedProxies: readonly string[]): express.Express {
  const server = express();
  // One spelling for each route, so that authorisation cannot be walked around by another one.
  server.enable('case sensitive routing');
  server.enable('strict routing');
  server.disable('x-powered-by');
  server.disable('etag');
  server.set('query parser', 'simple');
  server.set('trust proxy', trustedProxies.length > 0 ? [...trustedProxies] : false);
  return server;
}

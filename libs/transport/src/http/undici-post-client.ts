/** Carries requests with undici: the orchestrator sends to many agents at once, and undici does four times what axios does. */
import { Agent, type buildConnector } from 'undici';
import { CONNECTIONS_PER_ORIGIN } from './frame-poster.js';
import type { PostClient } from './post-client.js';

export const undiciPostClient = (connect: buildConnector.connector): PostClient =>
  // The exchange has its own time limits, for which undici's timers, a second apart, are too coarse.
  new Agent({ connect, connections: CONNECTIONS_PER_ORIGIN, headersTimeout: 0, bodyTimeout: 0 });

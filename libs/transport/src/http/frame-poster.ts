/**
 * POSTs lists of frames over kept-alive connections; both halves of the http transport share it.
 * Nothing is retried, no redirect is followed, nothing is unpacked, and no proxy of the environment is asked.
 * undici and not axios, because this is the hot path.
 */
import type { Frame } from '@scriptmesh/crypto';
import type { Clock } from '@scriptmesh/runtime';
import { Agent, type buildConnector } from 'undici';
import type { Posted } from '../frames/posted.js';
import { Exchange, type ExchangeBounds, type ProofStatuses } from './exchange.js';
import { FRAMES_CONTENT_TYPE, encodeFrames } from '../frames/frame-list.js';

/** Connections to one origin at the same time; further messages wait, within their own time limit. */
const CONNECTIONS_PER_ORIGIN = 16;

export interface PosterOptions {
  readonly clock: Clock;
  readonly bounds: ExchangeBounds;
  readonly proofStatuses: ProofStatuses;
  readonly connect: buildConnector.connector;
}

export interface Destination {
  /** Without a trailing slash; may hold a path. */
  readonly baseUrl: string;
  /** Starts with a slash. */
  readonly route: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class FramePoster {
  readonly #agent: Agent;
  readonly #open = new Set<Exchange>();
  #closed = false;

  constructor(private readonly options: PosterOptions) {
    // The exchange has its own time limits, for which undici's timers, a second apart, are too coarse.
    const connections = CONNECTIONS_PER_ORIGIN;
    this.#agent = new Agent({ connect: options.connect, connections, headersTimeout: 0, bodyTimeout: 0 });
  }

  /** Never rejects. The frames have to fit into one list. */
  async post(to: Destination, frames: readonly Frame[]): Promise<Posted> {
    if (this.#closed) return notSent('this side is closed');
    const address = `${to.baseUrl}${to.route}`;
    if (!URL.canParse(address)) return notSent('the url cannot be read');
    const { origin, pathname } = new URL(address);
    const exchange = new Exchange(this.options.clock, this.options.bounds, this.options.proofStatuses);
    this.#open.add(exchange);
    const headers = { ...to.headers, 'content-type': FRAMES_CONTENT_TYPE, accept: FRAMES_CONTENT_TYPE };
    this.#agent.dispatch(
      { origin, path: pathname, method: 'POST', headers, body: encodeFrames(frames), idempotent: false },
      exchange,
    );
    const posted = await exchange.posted;
    this.#open.delete(exchange);
    return posted;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const exchange of this.#open) exchange.giveUp('this side was closed');
    await this.#agent.destroy();
  }
}

const notSent = (why: string): Posted => ({ verdict: 'not-sent', status: null, why, answer: [] });

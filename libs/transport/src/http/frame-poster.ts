/**
 * POSTs lists of frames over kept-alive connections; both halves of the http transport share it.
 * Nothing is retried, no redirect is followed, nothing is unpacked, and no proxy of the environment is asked.
 */
import type { Frame } from '@scriptmesh/crypto';
import type { Clock } from '@scriptmesh/runtime';
import type { Posted } from '../frames/posted.js';
import { Exchange, type ExchangeBounds, type ProofStatuses } from './exchange.js';
import { FRAMES_CONTENT_TYPE, encodeFrames } from '../frames/frame-list.js';
import type { PostClient } from './post-client.js';

/** Connections to one origin at the same time; further messages wait, within their own time limit. */
export const CONNECTIONS_PER_ORIGIN = 16;

export interface PosterOptions {
  readonly clock: Clock;
  readonly bounds: ExchangeBounds;
  readonly proofStatuses: ProofStatuses;
  readonly client: PostClient;
}

export interface Destination {
  /** Without a trailing slash; may hold a path. */
  readonly baseUrl: string;
  /** Starts with a slash. */
  readonly route: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class FramePoster {
  readonly #open = new Set<Exchange>();
  #closed = false;

  constructor(private readonly options: PosterOptions) {}

  /** Never rejects. The frames have to fit into one list. */
  async post(to: Destination, frames: readonly Frame[]): Promise<Posted> {
    if (this.#closed) return notSent('this side is closed');
    const address = `${to.baseUrl}${to.route}`;
    if (!URL.canParse(address)) return notSent('the url cannot be read');
    const { origin, pathname } = new URL(address);
    const exchange = new Exchange(this.options.clock, this.options.bounds, this.options.proofStatuses);
    this.#open.add(exchange);
    const headers = { ...to.headers, 'content-type': FRAMES_CONTENT_TYPE, accept: FRAMES_CONTENT_TYPE };
    this.options.client.dispatch(
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
    await this.options.client.destroy();
  }
}

const notSent = (why: string): Posted => ({ verdict: 'not-sent', status: null, why, answer: [] });

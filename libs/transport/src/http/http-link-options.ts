import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import type { ExchangeBounds } from './exchange.js';
import { FRAME_LIST_LIMITS } from '../frames/frame-list.js';
import type { PostClient } from './post-client.js';

/** What both halves of the http transport are told. */
export interface HttpLinkOptions {
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  /** Until an answer begins, connecting and sending included. */
  readonly timeoutMs?: number | undefined;
  /** Until an answer is complete; twice `timeoutMs` when absent. */
  readonly totalTimeoutMs?: number | undefined;
  /** Of one list of frames, in both directions; 8 MiB when absent. */
  readonly maxBytes?: number | undefined;
  /** What carries the requests; the half's own when absent. */
  readonly client?: PostClient | undefined;
}

export function boundsOf(options: HttpLinkOptions, defaultTimeoutMs: number): ExchangeBounds {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const maxBytes = options.maxBytes ?? FRAME_LIST_LIMITS.maxBytes;
  return {
    timeoutMs,
    totalTimeoutMs: options.totalTimeoutMs ?? 2 * timeoutMs,
    limits: { ...FRAME_LIST_LIMITS, maxBytes, maxFrameBytes: Math.min(FRAME_LIST_LIMITS.maxFrameBytes, maxBytes) },
  };
}

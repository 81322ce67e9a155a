import type { EventSourceMessage } from 'eventsource-parser';
import { isMeshError, type MeshError } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';
import { toUnreadableFault } from '../answer-fault.js';
import { withDeadline } from '../deadline.js';
import type { HttpExchange } from '../http-exchange.js';
import { readEventStream } from './read-event-stream.js';

interface EventSource<E> {
  readonly exchange: HttpExchange;
  readonly clock: Clock;
  readonly path: string;
  readonly url: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly read: (message: EventSourceMessage) => E | undefined;
}

const HEADERS_WITHIN_MS = 30_000;

/** The events of one connection, to its end. */
export async function* openEvents<E>(source: EventSource<E>): AsyncGenerator<E> {
  const { exchange, clock, path, url, query, headers, signal } = source;
  // Aborting later than the headers is the reader's: it destroys the body.
  const opened = await withDeadline(clock, HEADERS_WITHIN_MS, signal, (within) =>
    exchange.stream(
      { method: 'GET', path, headers, signal: within, ...(query === undefined ? {} : { query }) },
      'text/event-stream',
    ),
  ).catch((error: unknown) => {
    throw isMeshError(error) ? error : exchange.explain(error);
  });
  if (!opened.contentType.startsWith('text/event-stream')) {
    opened.body.destroy();
    throw toUnreadableFault(url, opened.contentType);
  }
  const stop = (): void => void opened.body.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    yield* readEventStream(opened.body, clock, source.read);
  } catch (error) {
    throw isMeshError(error) ? error : exchange.explain(error);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  signal?.throwIfAborted();
}

/** Only what may pass by itself is tried again; a bad key or a run that is not there is told at once. */
export function toTransient(error: unknown): MeshError {
  if (!isMeshError(error)) throw error;
  const passes = error.status >= 500 || error.status === 429;
  if (!passes || error.code === 'internal/unexpected') throw error;
  return error;
}

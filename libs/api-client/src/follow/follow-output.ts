import { isMeshError, MeshError } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';
import { toUnreadableFault } from '../answer-fault.js';
import { withDeadline } from '../deadline.js';
import type { HttpExchange } from '../http-exchange.js';
import type { OutputEvent } from './output-event.js';
import { OutputPosition } from './output-position.js';
import { pause } from './pause.js';
import { readEventStream } from './read-event-stream.js';

interface Source {
  readonly exchange: HttpExchange;
  readonly clock: Clock;
  readonly path: string;
  readonly url: string;
}

interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly giveUpAfterMs: number;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;
const HEADERS_WITHIN_MS = 30_000;

/** Yields the output of one run until its end, over as many connections as it takes. */
export async function* followOutput(source: Source, limits: Limits): AsyncGenerator<OutputEvent> {
  const position = new OutputPosition();
  let failingSinceMs: number | null = null;
  let delayMs = FIRST_DELAY_MS;
  for (;;) {
    let fault: MeshError;
    try {
      for await (const event of oneConnection(source, position, limits.signal)) {
        failingSinceMs = null;
        delayMs = FIRST_DELAY_MS;
        const fresh = position.take(event);
        if (fresh !== undefined) yield fresh;
        if (event.kind === 'end') return;
      }
      fault = new MeshError('orchestrator/unreachable', `${source.url} closed the connection before the run had ended`);
    } catch (error) {
      limits.signal?.throwIfAborted();
      fault = toTransient(error);
    }
    if (failingSinceMs === null) yield { kind: 'reconnecting', why: fault.detail };
    failingSinceMs ??= source.clock.monotonicMs();
    if (source.clock.monotonicMs() - failingSinceMs >= limits.giveUpAfterMs) throw fault;
    await pause(source.clock, delayMs, limits.signal);
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  }
}

async function* oneConnection(source: Source, position: OutputPosition, signal: AbortSignal | undefined) {
  const { exchange, clock, path, url } = source;
  // Aborting later than the headers is the reader's: it destroys the body.
  const opened = await withDeadline(clock, HEADERS_WITHIN_MS, signal, (within) =>
    exchange.stream({ method: 'GET', path, headers: position.headers, signal: within }, 'text/event-stream'),
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
    yield* readEventStream(opened.body, clock, url);
  } catch (error) {
    throw isMeshError(error) ? error : exchange.explain(error);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  signal?.throwIfAborted();
}

/** Only what may pass by itself is tried again; a bad key or a run that is not there is told at once. */
function toTransient(error: unknown): MeshError {
  if (!isMeshError(error)) throw error;
  const passes = error.status >= 500 || error.status === 429;
  if (!passes || error.code === 'internal/unexpected') throw error;
  return error;
}

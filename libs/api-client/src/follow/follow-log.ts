import type { EventSourceMessage } from 'eventsource-parser';
import { MeshError } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';
import type { HttpExchange } from '../http-exchange.js';
import type { LogEvent } from './log-event.js';
import { openEvents, toTransient } from './open-events.js';
import { pause } from './pause.js';
import { readLogEvent } from './read-log-event.js';

interface Source {
  readonly exchange: HttpExchange;
  readonly clock: Clock;
  readonly path: string;
  readonly url: string;
  readonly query: Readonly<Record<string, string | number | undefined>>;
}

interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly giveUpAfterMs: number;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;

/** Yields a log for as long as somebody listens, over as many connections as it takes. */
export async function* followLog(source: Source, limits: Limits): AsyncGenerator<LogEvent> {
  let lastId: string | undefined;
  let failingSinceMs: number | null = null;
  let delayMs = FIRST_DELAY_MS;
  const read = (message: EventSourceMessage): { id: string | undefined; event: LogEvent } | undefined => {
    const event = readLogEvent(message);
    return event && { id: message.id, event };
  };
  for (;;) {
    let fault: MeshError;
    try {
      const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
      for await (const { id, event } of openEvents({ ...source, ...limits, headers, read })) {
        failingSinceMs = null;
        delayMs = FIRST_DELAY_MS;
        lastId = id ?? lastId;
        yield event;
      }
      fault = new MeshError('orchestrator/unreachable', `${source.url} closed the connection`);
    } catch (error) {
      limits.signal?.throwIfAborted();
      fault = toTransient(error);
      // An agent that is not there at the very start is news for the caller; later it may come back.
      if (lastId === undefined && fault.code !== 'orchestrator/unreachable') throw fault;
    }
    if (failingSinceMs === null) yield { kind: 'waiting', why: fault.detail };
    failingSinceMs ??= source.clock.monotonicMs();
    if (source.clock.monotonicMs() - failingSinceMs >= limits.giveUpAfterMs) throw fault;
    await pause(source.clock, delayMs, limits.signal);
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  }
}

import type { EventSourceMessage } from 'eventsource-parser';
import { MeshError } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';
import type { HttpExchange } from '../http-exchange.js';
import { openEvents, toTransient } from './open-events.js';
import type { OutputEvent } from './output-event.js';
import { OutputPosition } from './output-position.js';
import { pause } from './pause.js';
import { readOutputEvent } from './read-output-event.js';

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

/** Yields the output of one run until its end, over as many connections as it takes. */
export async function* followOutput(source: Source, limits: Limits): AsyncGenerator<OutputEvent> {
  const position = new OutputPosition();
  const read = (message: EventSourceMessage) => readOutputEvent(message, source.url);
  let failingSinceMs: number | null = null;
  let delayMs = FIRST_DELAY_MS;
  for (;;) {
    let fault: MeshError;
    try {
      for await (const event of openEvents({ ...source, ...limits, headers: position.headers, read })) {
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

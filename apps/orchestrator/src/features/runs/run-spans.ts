import { Injectable } from '@nestjs/common';
import { isFinalState, type RunId } from '@scriptmesh/contracts';
import { Tracing, type Span } from '@scriptmesh/tracing';
import { LRUCache } from 'lru-cache';
import { RunFeed } from './run-feed.js';

/** Spans whose end this process never hears of (another instance did) are ended when so many newer ones are open. */
const MOST_OPEN = 10_000;

/** The span of a run from its acceptance to its end, below that of its request; the agent's span is below it. */
@Injectable()
export class RunSpans {
  readonly #open = new LRUCache<RunId, Span>({
    max: MOST_OPEN,
    dispose: (span, _id, why) => why === 'evict' && span.end(),
  });

  constructor(
    private readonly tracing: Tracing,
    feed: RunFeed,
  ) {
    feed.onAnyRun(({ id, state }) => {
      if (isFinalState(state)) this.#end(id, state === 'succeeded' ? undefined : state);
    });
  }

  /** @returns what the agent gets; null when nobody traces */
  begin(id: RunId, request: { readonly script: string; readonly agent: string; readonly traceparent?: string | null }) {
    const attributes = { 'scriptmesh.run.id': id, 'scriptmesh.script': request.script };
    const span = this.tracing.begin('scriptmesh.dispatch', request.traceparent, attributes);
    if (span.isRecording) this.#open.set(id, span);
    return span.traceparent;
  }

  /** The run did not come into the world. */
  drop(id: RunId): void {
    this.#end(id, 'not accepted');
  }

  #end(id: RunId, fault: string | undefined): void {
    const span = this.#open.get(id);
    if (!span) return;
    this.#open.delete(id);
    span.end(fault);
  }
}

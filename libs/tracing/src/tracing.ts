export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** One piece of work in a trace. */
export interface Span {
  /** What the next program in line gets; null when nobody traces and the caller sent none. */
  readonly traceparent: string | null;
  /** False where nobody records: then there is nothing to keep it for. */
  readonly isRecording: boolean;
  note(attributes: SpanAttributes): void;
  /** @param fault what went wrong, in words without secrets */
  end(fault?: string): void;
}

/** Begins spans. Costs nothing to speak of when no SDK is loaded. */
export abstract class Tracing {
  /** @param parent a `traceparent` as it came; one that is not valid begins a new trace */
  abstract begin(name: string, parent: unknown, attributes?: SpanAttributes): Span;
}

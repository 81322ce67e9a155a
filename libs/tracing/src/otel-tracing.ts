import { ROOT_CONTEXT, SpanStatusCode, trace, type Context, type Span as OtelSpan } from '@opentelemetry/api';
import { isTraceparent } from '@scriptmesh/contracts';
import { Tracing, type Span, type SpanAttributes } from './tracing.js';

/**
 * Spans by OpenTelemetry's API alone. Without an SDK its spans record nothing and hand the caller's `traceparent` on as
 * it came: a span id of our own would name a span that nobody ever sees.
 */
export class OtelTracing extends Tracing {
  readonly #tracer = trace.getTracer('scriptmesh');

  override begin(name: string, parent: unknown, attributes: SpanAttributes = {}): Span {
    return new OpenSpan(this.#tracer.startSpan(name, { attributes }, contextOf(parent)));
  }
}

class OpenSpan implements Span {
  constructor(private readonly span: OtelSpan) {}

  get traceparent(): string | null {
    const { traceId, spanId, traceFlags } = this.span.spanContext();
    const text = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
    return isTraceparent(text) ? text : null;
  }

  get isRecording(): boolean {
    return this.span.isRecording();
  }

  note(attributes: SpanAttributes): void {
    this.span.setAttributes(attributes);
  }

  end(fault?: string): void {
    if (fault !== undefined) this.span.setStatus({ code: SpanStatusCode.ERROR, message: fault });
    this.span.end();
  }
}

function contextOf(parent: unknown): Context {
  if (!isTraceparent(parent)) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = '0'] = parent.split('-');
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}

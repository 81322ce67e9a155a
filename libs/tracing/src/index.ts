/** Spans of requests and runs: a port and its adapter over OpenTelemetry's API. Who wants them exported loads an SDK. */
export { Tracing, type Span, type SpanAttributes } from './tracing.js';
export { OtelTracing } from './otel-tracing.js';

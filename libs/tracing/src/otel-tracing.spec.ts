import { trace, type Span as OtelSpan, type TracerProvider } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { OtelTracing } from './otel-tracing.js';

const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('OtelTracing', () => {
  afterEach(() => trace.disable());

  it("hands the caller's traceparent on as it came when no SDK is loaded, and records nothing", () => {
    const span = new OtelTracing().begin('x', PARENT);
    expect([span.traceparent, span.isRecording]).toEqual([PARENT, false]);
    span.note({ a: 1 });
    span.end('fault');
  });

  it.each([
    undefined,
    null,
    '',
    'x',
    PARENT.toUpperCase(),
    `${PARENT}-more`,
    `${PARENT}\n`,
    PARENT.replace(/^00/, 'ff'),
    PARENT.replace(/4bf9\w+/, '0'.repeat(32)),
    PARENT.replace(/00f0\w+/, '0'.repeat(16)),
    [PARENT],
  ])('hands nothing on for %j', (parent) => expect(new OtelTracing().begin('x', parent).traceparent).toBeNull());

  it('gives its own span below the caller when an SDK is loaded', () => {
    const ended: string[] = [];
    trace.setGlobalTracerProvider(sdkThat((name) => ended.push(name)));
    const span = new OtelTracing().begin('scriptmesh.request', PARENT);
    expect(span.traceparent).toBe('00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01');
    span.end();
    expect([span.isRecording, ended]).toEqual([true, ['scriptmesh.request']]);
  });
});

/** The least of an SDK: spans below their parents, all with the same id. */
const sdkThat = (noteEnd: (name: string) => void): TracerProvider =>
  ({
    getTracer: () => ({
      startSpan: (name: string, _options: unknown, context: Parameters<typeof trace.getSpanContext>[0]) =>
        ({
          spanContext: () => ({ ...trace.getSpanContext(context), spanId: '1'.repeat(16) }),
          isRecording: () => true,
          end: () => noteEnd(name),
        }) as unknown as OtelSpan,
    }),
  }) as unknown as TracerProvider;

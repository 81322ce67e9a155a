import type { Readable } from 'node:stream';
import type { Stream } from '@scriptmesh/contracts';
import type { HttpExchange } from './http-exchange.js';

/** Stored output: bytes, and in between how many are missing. */
export type StoredOutput =
  { readonly kind: 'bytes'; readonly bytes: Buffer } | { readonly kind: 'gap'; readonly missing: number };

interface OutputRoute {
  readonly exchange: HttpExchange;
  readonly path: string;
}

/** What is stored of one stream from `offset` on, as it comes; of a long output the beginning and, after a gap, the end. */
export async function* readOutput(
  { exchange, path }: OutputRoute,
  stream: Stream,
  offset: number | undefined,
): AsyncGenerator<StoredOutput> {
  for (let at = offset; ;) {
    const { body, header } = await exchange.stream({ method: 'GET', path, query: { stream, offset: at } }, '*/*');
    for await (const bytes of partsOf(exchange, body)) yield { kind: 'bytes', bytes };
    const [missing, next] = [toCount(header('output-gap')), toCount(header('output-next-offset'))];
    if (missing === 0) return;
    yield { kind: 'gap', missing };
    // Each round has to come further, whatever the answers say.
    if (header('output-final') !== 'false' || next <= (at ?? 0)) return;
    at = next;
  }
}

async function* partsOf(exchange: HttpExchange, body: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const part of body as AsyncIterable<Buffer>) yield part;
  } catch (error) {
    throw exchange.explain(error);
  } finally {
    body.destroy();
  }
}

const toCount = (text: string | null): number => (text !== null && /^\d{1,15}$/.test(text) ? Number(text) : 0);

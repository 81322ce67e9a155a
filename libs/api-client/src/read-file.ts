import type { Readable } from 'node:stream';
import { isMeshError, MeshError } from '@scriptmesh/contracts';
import { toUnreadableFault } from './answer-fault.js';
import type { HttpExchange } from './http-exchange.js';

/** Bytes `from` to `to`, both included, or to the end; or the `last` ones. */
export type AskedBytes = { readonly from: number; readonly to?: number } | { readonly last: number };

interface FileRoute {
  readonly exchange: HttpExchange;
  readonly url: string;
  readonly route: string;
}

interface FilePart {
  readonly body: Readable;
  readonly tag: string | null;
  readonly first: number;
  readonly last: number;
  readonly size: number;
}

const CONTENT_RANGE = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/;

/** An orchestrator answers with a bounded part; the parts are asked for one after another, all of one version. */
export async function* readFile(at: FileRoute, path: string, asked: AskedBytes): AsyncGenerator<Buffer> {
  const first = await askFirst(at, path, asked);
  if (first === 'empty') return;
  const end = 'last' in asked ? first.size - 1 : Math.min(asked.to ?? Infinity, first.size - 1);
  yield* bytesOf(at, first);
  for (let last = first.last; last < end;) {
    const part = await askPart(at, path, `bytes=${last + 1}-${end}`);
    if (part.tag !== first.tag || part.first !== last + 1) {
      part.body.destroy();
      throw changed(path);
    }
    yield* bytesOf(at, part);
    last = part.last;
  }
}

/** No range begins inside an empty file; all of one is nothing nevertheless. */
async function askFirst(at: FileRoute, path: string, asked: AskedBytes): Promise<FilePart | 'empty'> {
  const isAll = 'from' in asked && asked.from === 0 && asked.to === undefined;
  try {
    return await askPart(at, path, 'last' in asked ? `bytes=-${asked.last}` : `bytes=${asked.from}-${asked.to ?? ''}`);
  } catch (error) {
    if (isAll && isMeshError(error) && error.code === 'file/range-outside') return 'empty';
    throw error;
  }
}

async function askPart({ exchange, url, route }: FileRoute, path: string, range: string): Promise<FilePart> {
  const { body, contentType, header } = await exchange.stream(
    { method: 'GET', path: route, query: { path }, headers: { range } },
    '*/*',
  );
  const [first, last, size] = (CONTENT_RANGE.exec(header('content-range') ?? '') ?? []).slice(1).map(Number);
  if (first === undefined || last === undefined || size === undefined || last < first || last >= size) {
    body.destroy();
    throw toUnreadableFault(url, contentType);
  }
  return { body, tag: header('etag'), first, last, size };
}

async function* bytesOf({ exchange }: FileRoute, { body }: FilePart): AsyncGenerator<Buffer> {
  try {
    for await (const bytes of body as AsyncIterable<Buffer>) yield bytes;
  } catch (error) {
    throw exchange.explain(error);
  } finally {
    body.destroy();
  }
}

const changed = (path: string): MeshError =>
  new MeshError(
    'file/unreadable',
    `"${path}" changed while it was read; what came until now is not the whole of one file`,
    {
      hint: 'Read it again, or a range of it.',
    },
  );

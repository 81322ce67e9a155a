import type { ClientCertificate } from '@scriptmesh/config';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';

export interface BoundedRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Until the whole answer is there. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly certificate?: ClientCertificate | null;
}

/**
 * One request and its answer, whatever its status. Node's own client, since a library for a call at each start would
 * cost every agent a tenth of its memory. It follows no redirect and asks no proxy: a key must not travel on.
 * @throws Error that says why in one line: no connection, not in time, too large
 */
export async function boundedRequest(url: string, asked: BoundedRequest): Promise<{ status: number; text: string }> {
  // Loading TLS takes memory that an agent on a plain network has no use for.
  const send = url.startsWith('https:') ? (await import('node:https')).request : request;
  const signal = AbortSignal.timeout(asked.timeoutMs);
  const options = {
    ...asked.certificate,
    method: asked.method,
    headers: asked.headers ?? {},
    agent: false,
    signal,
  } as const;
  try {
    const answer = await headOf(send, url, options, asked.body);
    return { status: answer.statusCode ?? 0, text: await bodyOf(answer, asked.maxBytes) };
  } catch (error) {
    throw new Error(signal.aborted ? `no whole answer within ${asked.timeoutMs} ms` : nameOf(error), { cause: error });
  }
}

function headOf(send: typeof request, url: string, options: RequestOptions, body = ''): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    send(url, options, resolve).once('error', reject).end(body);
  });
}

async function bodyOf(answer: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length;
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) throw new Error(`the answer is over ${maxBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

/** An error over several addresses has no message of its own, only a code. */
function nameOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const parts = [code, message].filter((part) => typeof part === 'string' && part !== '');
  return parts.join(': ') || 'no connection';
}

import { request as plainRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import type { TLSSocket } from 'node:tls';

export interface Asked {
  readonly status: number;
  /** What the other side takes for the time; null when it does not say. */
  readonly dateMs: number | null;
  /** Until when its certificate is valid; null without TLS. */
  readonly certificateEndsMs: number | null;
  readonly answer: IncomingMessage;
}

/** One GET, up to its head. It follows no redirect and asks no proxy: a key must not travel on. @throws Error with Node's code */
export async function ask(url: string, headers: Readonly<Record<string, string>>, timeoutMs: number): Promise<Asked> {
  const isTls = url.startsWith('https:');
  const send = isTls ? (await import('node:https')).request : plainRequest;
  const options: RequestOptions = { headers, agent: false };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking: ClientRequest = send(url, options, resolve);
    asking.setTimeout(timeoutMs, () =>
      asking.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
    );
    asking.once('error', reject).end();
  });
  const date = Date.parse(answer.headers.date ?? '');
  const certificate = isTls ? (answer.socket as TLSSocket).getPeerCertificate() : undefined;
  const ends = Date.parse(certificate?.valid_to ?? '');
  return {
    status: answer.statusCode ?? 0,
    dateMs: Number.isNaN(date) ? null : date,
    certificateEndsMs: Number.isNaN(ends) ? null : ends,
    answer,
  };
}

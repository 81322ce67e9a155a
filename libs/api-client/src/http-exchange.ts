import type { Readable } from 'node:stream';
import type { AxiosInstance, AxiosResponse, RawAxiosRequestHeaders } from 'axios';
import type { MeshError } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';
import { type FailedAnswer, toAnswerFault, toUnreadableFault } from './answer-fault.js';
import { toConnectionFault } from './connection-fault.js';
import { withDeadline } from './deadline.js';

interface Ask {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the orchestrator's address, parts already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as JSON; a Buffer as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  /** To be read to its end, or left. */
  readonly body: AsyncIterable<Buffer>;
  /** What the answer means, given its body or the beginning of it; null when all is well. */
  readonly toFault: (body: string) => MeshError | null;
}

interface StreamedAnswer {
  readonly body: Readable;
  readonly contentType: string;
  /** @param name in lower case */
  header(name: string): string | null;
}

/** No answer of the API but output and files comes near this; what is larger comes from something else. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_FAULT_BYTES = 64 * 1024;
const TIMEOUT_MS = 30_000;

/** One request, one answer; everything that is not a 2xx of an orchestrator is a MeshError. Follows no redirect. */
export class HttpExchange {
  #http: Promise<AxiosInstance> | undefined;

  constructor(
    private readonly url: string,
    private readonly apiKey: string,
    private readonly clock: Clock,
  ) {}

  /** The JSON of the answer; undefined for an empty one. */
  async json(ask: Ask): Promise<unknown> {
    const answer = await withDeadline(this.clock, ask.timeoutMs ?? TIMEOUT_MS, ask.signal, (signal) =>
      this.#send<Buffer>(ask, 'arraybuffer', signal, { accept: 'application/json' }),
    );
    const body = Buffer.from(answer.data ?? []).toString('utf8');
    if (!isSuccess(answer)) throw toAnswerFault(this.#describe(answer, body));
    if (body === '') return undefined;
    try {
      return JSON.parse(body);
    } catch (error) {
      throw toUnreadableFault(this.url, headerOf(answer, 'content-type') ?? '', error);
    }
  }

  /** The bytes as they come; the caller reads them to the end or destroys the stream. `timeoutMs` ends with the headers. */
  async stream(ask: Ask, accept: string): Promise<StreamedAnswer> {
    const answer = await this.#send<Readable>(ask, 'stream', ask.signal, { accept, 'accept-encoding': 'identity' });
    if (!isSuccess(answer)) throw toAnswerFault(this.#describe(answer, await readSome(answer.data)));
    return {
      body: answer.data,
      contentType: headerOf(answer, 'content-type') ?? '',
      header: (name) => headerOf(answer, name),
    };
  }

  /** Whatever is answered, errors too. `timeoutMs` ends with the headers. */
  async raw(ask: Ask): Promise<RawAnswer> {
    const answer = await withDeadline(this.clock, ask.timeoutMs ?? TIMEOUT_MS, ask.signal, (signal) =>
      this.#send<Readable>(ask, 'stream', signal, { accept: '*/*', 'accept-encoding': 'identity' }),
    );
    const contentType = headerOf(answer, 'content-type') ?? '';
    const toFault = (body: string): MeshError | null =>
      isSuccess(answer) ? null : toAnswerFault(this.#describe(answer, body));
    return { status: answer.status, contentType, body: this.#parts(answer.data), toFault };
  }

  /** A broken connection while the body is read, explained in the same way. */
  explain(error: unknown): Error {
    return toConnectionFault(error, this.url);
  }

  async *#parts(body: Readable): AsyncGenerator<Buffer> {
    try {
      for await (const part of body as AsyncIterable<Buffer>) yield part;
    } catch (error) {
      throw this.explain(error);
    } finally {
      body.destroy();
    }
  }

  async #send<T>(
    ask: Ask,
    responseType: 'arraybuffer' | 'stream',
    signal: AbortSignal | undefined,
    headers: RawAxiosRequestHeaders,
  ): Promise<AxiosResponse<T>> {
    const withBody = ask.body === undefined ? {} : { 'content-type': 'application/json' };
    this.#http ??= this.#openHttp();
    const http = await this.#http;
    try {
      return await http.request<T>({
        method: ask.method,
        url: ask.path,
        params: ask.query ?? {},
        ...dataOf(ask.body),
        headers: { ...headers, ...withBody, ...ask.headers },
        responseType,
        ...(responseType === 'stream' ? { maxContentLength: -1 } : {}),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (ask.signal?.aborted) throw ask.signal.reason;
      throw toConnectionFault(signal?.aborted ? signal.reason : error, this.url);
    }
  }

  /** axios takes a good part of the command line's start, and most commands that end early never ask: loaded when needed. */
  async #openHttp(): Promise<AxiosInstance> {
    const { create } = await import('axios');
    return create({
      baseURL: this.url,
      adapter: 'http',
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      headers: { 'x-api-key': this.apiKey, 'user-agent': 'scriptmesh-controller' },
      validateStatus: () => true,
      transformRequest: (data: unknown) => data,
      transformResponse: (data: unknown) => data,
    });
  }

  #describe(answer: AxiosResponse<unknown>, body: string): FailedAnswer {
    return {
      url: this.url,
      status: answer.status,
      contentType: headerOf(answer, 'content-type') ?? '',
      location: headerOf(answer, 'location'),
      retryAfter: headerOf(answer, 'retry-after'),
      body,
    };
  }
}

const isSuccess = (answer: AxiosResponse<unknown>): boolean => answer.status >= 200 && answer.status < 300;

function headerOf(answer: AxiosResponse<unknown>, name: string): string | null {
  const value = (answer.headers as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : null;
}

async function readSome(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part);
      bytes += part.length;
      if (bytes > MAX_FAULT_BYTES) break;
    }
  } catch {
    // The status alone still tells what happened.
  }
  return Buffer.concat(parts).toString('utf8');
}

const dataOf = (body: unknown): { readonly data?: unknown } =>
  body === undefined ? {} : { data: Buffer.isBuffer(body) ? body : JSON.stringify(body) };

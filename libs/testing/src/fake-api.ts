import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ERROR_CATALOGUE, type ErrorCode } from '@scriptmesh/contracts';

interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** One way to answer; it may also break the connection. */
type FakeAnswer = (response: ServerResponse, request: SeenRequest) => void;

/**
 * The orchestrator's API as far as a test tells it: each route answers what was set, in order, the last answer for ever.
 * Wrong keys get 401 and unset routes 404, both as problem+json. For tests of what talks to the API.
 */
export class FakeApi {
  readonly key = 'a-key-for-tests-of-32-characters';
  readonly requests: SeenRequest[] = [];
  readonly #answers = new Map<string, FakeAnswer[]>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** `route` as in `GET /api/v1/runs`, without the query. */
  answer(route: string, ...answers: FakeAnswer[]): this {
    this.#answers.set(route, answers);
    return this;
  }

  requestsTo(route: string): SeenRequest[] {
    return this.requests.filter((seen) => route === `${seen.method} ${pathOf(seen.url)}`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const text = Buffer.concat(parts).toString('utf8');
    const seen: SeenRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(seen);
    this.#choose(seen)(response, seen);
  }

  #choose(seen: SeenRequest): FakeAnswer {
    if (seen.headers['x-api-key'] !== this.key) return answerProblem('auth/unauthorized', 'no valid key was sent');
    const answers = this.#answers.get(`${seen.method} ${pathOf(seen.url)}`);
    if (answers === undefined) return answerProblem('route/not-found', `nothing at ${seen.method} ${seen.url}`);
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? answerProblem('route/not-found', 'no answer is set');
  }
}

const pathOf = (url: string): string => url.split('?')[0] ?? '';

export const answerJson =
  (body: unknown, status = 200): FakeAnswer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

export const answerText =
  (body: string | Buffer, contentType: string, status = 200, headers: Record<string, string> = {}): FakeAnswer =>
  (response) =>
    void response.writeHead(status, { 'content-type': contentType, ...headers }).end(body);

export const answerProblem = (code: ErrorCode, detail: string, overrides: Record<string, unknown> = {}): FakeAnswer => {
  const { status, title, hint } = ERROR_CATALOGUE[code];
  const problem = {
    type: 'about:blank',
    title,
    status,
    detail,
    code,
    hint,
    requestId: 'req-1',
    errors: [],
    ...overrides,
  };
  return answerText(JSON.stringify(problem), 'application/problem+json', status);
};

interface FakeEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: unknown;
}

/** Server-sent events; afterwards the connection ends, is cut as by a crash, or stays open. */
export const answerEvents =
  (events: readonly FakeEvent[], afterwards: 'end' | 'cut' | 'stay' = 'end'): FakeAnswer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const text = events.map(({ event, id, data }) => {
      const idLine = id === undefined ? '' : `id: ${id}\n`;
      return `event: ${event}\n${idLine}data: ${JSON.stringify(data)}\n\n`;
    });
    response.write(`: hello\n\n${text.join('')}`, () => {
      if (afterwards === 'end') response.end();
      if (afterwards === 'cut') response.destroy();
    });
  };

export const answerNothing: FakeAnswer = (response) => void response.destroy();

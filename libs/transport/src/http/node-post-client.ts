/**
 * Carries requests with Node's own client: for the agent, which has one other side to talk to and should be small.
 * undici, which the orchestrator's wide fan-out is worth, takes 16 MB more of its memory.
 */
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ShownCertificate } from '../shown-certificate.js';
import type { Abortable, PostClient, PostEvents, PostRequest } from './post-client.js';

export class NodePostClient implements PostClient {
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;
  readonly #open = new Set<ClientRequest>();

  /** @param connections at the same time; further requests wait */
  constructor(
    connections: number,
    private readonly connectTimeoutMs: number,
    shown: ShownCertificate | null = null,
  ) {
    this.#http = new HttpAgent({ keepAlive: true, maxSockets: connections });
    this.#https = new HttpsAgent({ keepAlive: true, maxSockets: connections, ...shown });
  }

  dispatch(asked: PostRequest, events: PostEvents): void {
    let request: ClientRequest;
    try {
      request = this.#prepare(asked);
    } catch (error) {
      // A header that cannot be sent, for example.
      return events.onResponseError({ abort: () => undefined }, error as Error);
    }
    const controller = { abort: (why: Error) => void request.destroy(why) };
    let state: 'waiting' | 'begun' | 'failed' = 'waiting';
    request.on('error', (error) => {
      // The other side had closed a connection that was kept: nothing was written to it, so another one is taken.
      const isStale = request.reusedSocket && state === 'waiting' && this.#open.has(request);
      state = 'failed';
      if (isStale) this.dispatch(asked, events);
      else events.onResponseError(controller, error);
    });
    request.once('response', (answer) => pass(answer, controller, events));
    request.once('socket', (socket) =>
      this.#onceUsable(socket, () => {
        if (state !== 'waiting') return;
        state = 'begun';
        events.onRequestStart(controller);
        // Until here nothing has left, not even the head: Node sends it with the body.
        if (!request.destroyed) request.end(asked.body);
      }),
    );
  }

  destroy(): void {
    const open = [...this.#open];
    this.#open.clear();
    for (const request of open) request.destroy();
    this.#http.destroy();
    this.#https.destroy();
  }

  #prepare({ origin, path, method, headers }: PostRequest): ClientRequest {
    const url = `${origin}${path}`;
    const request = origin.startsWith('https:')
      ? httpsRequest(url, { method, headers, agent: this.#https })
      : httpRequest(url, { method, headers, agent: this.#http });
    this.#open.add(request);
    request.once('close', () => this.#open.delete(request));
    return request;
  }

  #onceUsable(socket: Socket, goOn: () => void): void {
    // One whole turn of the event loop, in which the end of a kept connection that has arrived by now is noticed.
    if (!socket.connecting) return void setImmediate(() => setImmediate(goOn));
    const giveUp = (): void => void socket.destroy(new Error(`no connection within ${this.connectTimeoutMs} ms`));
    socket.setTimeout(this.connectTimeoutMs, giveUp);
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0);
      socket.off('timeout', giveUp);
      goOn();
    });
  }
}

function pass(answer: IncomingMessage, controller: Abortable, events: PostEvents): void {
  events.onResponseStart(controller, answer.statusCode ?? 0, answer.headers);
  answer.on('data', (chunk: Buffer) => events.onResponseData(controller, chunk));
  answer.once('end', () => events.onResponseEnd());
  answer.on('error', (error) => events.onResponseError(controller, error));
}

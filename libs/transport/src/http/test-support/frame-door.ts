/** A bare HTTP server as tests need it: what a program's route does, without a program. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMeshError } from '@scriptmesh/contracts';
import { FRAMES_CONTENT_TYPE } from '../../frames/frame-list.js';

/** Bytes are the body of a 200, a number is a bare status. */
export type DoorAnswer = Uint8Array | number;
type Answer = (request: IncomingMessage, body: Buffer, response: ServerResponse) => Promise<DoorAnswer | undefined>;

export class FrameDoor {
  /** Requests read to their end. */
  requests = 0;
  readonly #server: Server;
  #answer: Answer = () => Promise.resolve(new Uint8Array(0));

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<FrameDoor> {
    const door = new FrameDoor();
    await new Promise<void>((resolve) => door.#server.listen(0, '127.0.0.1', resolve));
    return door;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** An answer of undefined means that the handler has written to the response itself, or leaves the caller waiting. */
  onPost(answer: Answer): void {
    this.#answer = answer;
  }

  /** Resolves when the connections that carry no request have been closed. */
  async closeIdle(): Promise<void> {
    this.#server.closeIdleConnections();
    while (await this.#connections()) await new Promise((resolve) => setImmediate(resolve));
  }

  #connections(): Promise<number> {
    return new Promise((resolve) => this.#server.getConnections((_error, count) => resolve(count)));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      this.requests += 1;
      const answer = await this.#answer(request, Buffer.concat(chunks), response);
      if (typeof answer === 'number') response.writeHead(answer).end();
      else if (answer) response.writeHead(200, { 'content-type': FRAMES_CONTENT_TYPE }).end(answer);
    } catch (error) {
      if (!response.destroyed) response.writeHead(isMeshError(error) ? error.status : 500).end();
    }
  }
}

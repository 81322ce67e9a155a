import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A real server on a free port that answers as a test wishes. */
export class SmallServer {
  readonly #server: Server;

  private constructor(answer: RequestListener) {
    this.#server = createServer(answer);
  }

  static async start(answer: RequestListener): Promise<SmallServer> {
    const server = new SmallServer(answer);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

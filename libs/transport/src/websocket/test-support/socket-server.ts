/** A bare HTTP server that hands upgrades on, as the orchestrator's route does, without an orchestrator. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SocketUpgrade } from '../websocket-agent-link.js';

export class SocketServer {
  /** Upgrades that were asked for. */
  asked = 0;
  readonly #server: Server;

  private constructor(judge: (request: IncomingMessage) => number, accept: (upgrade: SocketUpgrade) => void) {
    this.#server = createServer();
    this.#server.on('upgrade', (request, socket, head) => {
      this.asked += 1;
      const status = judge(request);
      if (status === 101) accept({ request, socket, head });
      else socket.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    });
  }

  /** @param judge gives 101 for an upgrade that is accepted, another status for one that is not */
  static async start(
    judge: (request: IncomingMessage) => number,
    accept: (upgrade: SocketUpgrade) => void,
  ): Promise<SocketServer> {
    const server = new SocketServer(judge, accept);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Its sockets have to be closed before. */
  stop(): Promise<unknown> {
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

/**
 * A TCP proxy in front of a server under test that breaks connections in the ways that networks do.
 * It works on bytes and knows no HTTP; a mode switched at run time holds for open connections too.
 */
import { createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { SystemClock, type Clock } from '@scriptmesh/runtime';
import { BrokenConnection } from './broken-connection.js';

/**
 * `pass`: as if it were not there. `refuse`: nothing listens. `resetBefore`: the caller is reset when its request
 * comes, of which the target sees nothing. `resetAfterRequest`: the target gets the request and answers, but the
 * caller is reset instead of seeing the answer. `halfOpen`: connections open, and then nothing ever moves.
 * `slow`: answers come a byte at a time.
 */
export type BrokenProxyMode = 'pass' | 'refuse' | 'resetBefore' | 'resetAfterRequest' | 'halfOpen' | 'slow';

export interface BrokenProxyOptions {
  readonly targetPort: number;
  /** 127.0.0.1 when absent. */
  readonly targetHost?: string;
  /** Between two bytes in the mode `slow`; 100 when absent. */
  readonly slowByteMs?: number;
  readonly clock?: Clock;
}

export class BrokenProxy {
  #mode: BrokenProxyMode = 'pass';
  #server: Server | undefined;
  #port = 0;
  #targetPort: number;
  readonly #open = new Set<BrokenConnection>();
  #accepted = 0;

  private constructor(private readonly options: BrokenProxyOptions) {
    this.#targetPort = options.targetPort;
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: BrokenProxyOptions): Promise<BrokenProxy> {
    const proxy = new BrokenProxy(options);
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
  get mode(): BrokenProxyMode {
    return this.#mode;
  }
  /** Connections taken so far. */
  get accepted(): number {
    return this.#accepted;
  }
  get openConnections(): number {
    return this.#open.size;
  }

  /** Resolves once the mode is in force. `refuse` resets what is open; every other mode leaves it open. */
  async become(mode: BrokenProxyMode): Promise<void> {
    this.#mode = mode;
    if (mode === 'refuse') await this.#closeListener();
    else if (!this.#server) await this.#listen();
  }

  /** New connections go to this port; for a target that listens later than its proxy. */
  aimAt(targetPort: number): void {
    this.#targetPort = targetPort;
  }

  /** Closes everything; the proxy is of no use afterwards. */
  async stop(): Promise<void> {
    await this.#closeListener();
  }

  #listen(): Promise<void> {
    const server = createServer((caller) => this.#take(caller));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', () => {
        this.#port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  #take(caller: Socket): void {
    this.#accepted += 1;
    const target = new Socket();
    const connection = new BrokenConnection(caller, target, {
      mode: () => this.#mode,
      clock: this.options.clock ?? new SystemClock(),
      slowByteMs: this.options.slowByteMs ?? 100,
    });
    this.#open.add(connection);
    void connection.closed.then(() => this.#open.delete(connection));
    target.connect(this.#targetPort, this.options.targetHost ?? '127.0.0.1');
  }

  async #closeListener(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    const open = [...this.#open];
    for (const connection of open) connection.reset();
    await Promise.all([closed, ...open.map((connection) => connection.closed)]);
  }
}

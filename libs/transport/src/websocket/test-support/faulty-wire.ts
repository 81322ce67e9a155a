/**
 * A TCP proxy between an agent and the orchestrator's sockets. It lets every handshake pass and breaks what comes
 * after it, one way at a time, in the words of the transport contract.
 */
import { createServer, Socket, type AddressInfo, type Server } from 'node:net';
import type { Way, WayFault } from '../../transport.contract.js';

interface Crossing {
  readonly agent: Socket;
  readonly orchestrator: Socket;
  isUpgraded: boolean;
  /** A message has passed whose answer must not come back. */
  swallowsFrom: Socket | undefined;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

export class FaultyWire {
  readonly #faults: Record<Way, WayFault> = { 'to-agent': 'none', 'to-orchestrator': 'none' };
  readonly #crossings = new Set<Crossing>();
  readonly #server: Server;
  #isFrozen = false;
  /** Passed on so far, both ways together. */
  carriedBytes = 0;

  private constructor(private readonly targetPort: number) {
    this.#server = createServer((agent) => this.#cross(agent));
  }

  static async start(targetPort: number): Promise<FaultyWire> {
    const wire = new FaultyWire(targetPort);
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Refused towards the agent: what is open is reset. Refused towards the orchestrator: new connections are, too. */
  breakWay(way: Way, fault: WayFault): void {
    this.#faults[way] = fault;
    if (fault === 'refused') this.reset();
  }

  /** From now on nothing moves, and nothing is read; connections stay open. */
  freeze(): void {
    this.#isFrozen = true;
    for (const { agent, orchestrator } of this.#crossings) {
      agent.pause();
      orchestrator.pause();
    }
  }

  reset(): void {
    for (const { agent, orchestrator } of this.#crossings) {
      agent.resetAndDestroy();
      orchestrator.resetAndDestroy();
    }
  }

  async stop(): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #cross(agent: Socket): void {
    if (this.#faults['to-orchestrator'] === 'refused') return void agent.resetAndDestroy();
    const crossing = { agent, orchestrator: new Socket(), isUpgraded: false, swallowsFrom: undefined };
    this.#crossings.add(crossing);
    agent.on('data', (bytes: Buffer) => this.#pass(crossing, 'to-orchestrator', bytes));
    crossing.orchestrator.on('data', (bytes: Buffer) => this.#pass(crossing, 'to-agent', bytes));
    for (const [one, other] of [
      [agent, crossing.orchestrator],
      [crossing.orchestrator, agent],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        other.destroy();
        this.#crossings.delete(crossing);
      });
    }
    crossing.orchestrator.connect(this.targetPort, '127.0.0.1');
  }

  #pass(crossing: Crossing, way: Way, bytes: Buffer): void {
    const [from, to] =
      way === 'to-agent' ? [crossing.orchestrator, crossing.agent] : [crossing.agent, crossing.orchestrator];
    if (this.#isFrozen) return;
    if (crossing.isUpgraded) {
      const fault = this.#faults[way];
      if (crossing.swallowsFrom === from || fault === 'lost-before') return this.reset();
      if (fault === 'lost-after') crossing.swallowsFrom = to;
    }
    if (way === 'to-agent' && bytes.includes(END_OF_HEAD)) crossing.isUpgraded = true;
    this.carriedBytes += bytes.length;
    to.write(bytes);
  }
}

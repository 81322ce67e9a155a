import { createServer, type Server, type Socket } from 'node:net';
import type { MonotonicClock, Timer } from './clock.js';
import type { EventLog } from './event-log.js';
import { failpoint } from './failpoint.js';
import { readLines } from './line-reader.js';
import { PROTOCOL, toLine, type FromSupervisor, type ToSupervisor } from './protocol.js';
import { StartedBefore, type RunHost } from './run-host.js';
import type { RunLimits, StartOrder } from './words.js';

/** How long an agent that has not said goodbye is waited for when nothing runs. */
const WAIT_FOR_AGENT_MS = 10_000;
/** Of news that an agent does not read: then it is cut off, and learns where things stand when it comes back. */
const MOST_UNREAD_BYTES = 1024 * 1024;
const LAST_WORDS_MS = 1_000;
/** How long news that nobody waits for may wait for other news. */
const NEXT_WITHIN_MS = 5;

/** Lets one agent speak with the host of the runs, and knows when this program is not needed any more. */
export class SupervisorServer {
  readonly #server: Server = createServer((socket) => this.#receive(socket));
  #agent: Socket | null = null;
  #saidGoodbye = false;
  #isLeaving = false;
  #wait: Timer | undefined;
  /** What waits for the next message, to the agent that is connected. */
  #unsaid = '';
  #patience: Timer | undefined;

  constructor(
    private readonly host: RunHost,
    private readonly clock: MonotonicClock,
    private readonly version: string,
    private readonly log: EventLog,
    /** Ends the program; called when nobody can connect any more and nothing runs. */
    private readonly leave: () => void,
  ) {
    host.onOutput = (runId, stream, length) => this.#say({ kind: 'output', runId, stream, length });
    host.onEnd = (runId, end) => {
      this.#say({ kind: 'ended', runId, end });
      this.#considerLeaving();
    };
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
    this.#considerLeaving();
  }

  /** Ends all runs, then the program. */
  async stop(): Promise<void> {
    await this.host.stop();
    this.#end();
  }

  #receive(socket: Socket): void {
    let hasSaidHello = false;
    socket.on('error', (error) => this.log.warn('connection.failed', { error }));
    socket.on('close', () => this.#forget(socket));
    readLines<ToSupervisor>(socket, (message) => {
      if (hasSaidHello) return void (this.#agent === socket && this.#act(message));
      hasSaidHello = true;
      this.#greet(socket, message);
    });
  }

  #greet(socket: Socket, message: ToSupervisor): void {
    if (message.kind !== 'hello' || message.protocol !== PROTOCOL) {
      const said = message.kind === 'hello' ? `protocol ${message.protocol}` : `"${message.kind}" before a hello`;
      socket.end(toLine({ kind: 'refused', why: `${said} is not known here, only a hello in protocol ${PROTOCOL}` }));
      return;
    }
    // An agent that is gone may have left words behind: none of them counts once there is another.
    this.#agent?.destroy();
    this.#agent = socket;
    this.#unsaid = '';
    this.#saidGoodbye = false;
    this.#wait?.stop();
    const running = this.host.runIds.length;
    this.#say({ kind: 'welcome', protocol: PROTOCOL, version: this.version, running });
  }

  #forget(socket: Socket): void {
    if (this.#agent !== socket) return;
    this.#agent = null;
    this.#considerLeaving();
  }

  #act(message: ToSupervisor): void {
    switch (message.kind) {
      case 'start':
        return void this.#start(message.order).catch((error: Error) => this.#agent?.destroy(error));
      case 'resume':
        return void this.#resume(message.limits).catch((error: Error) => this.#agent?.destroy(error));
      case 'kill':
        return this.host.kill(message.runId, message.why);
      case 'retire':
        return this.#retire();
      case 'goodbye':
        return this.#farewell();
      case 'hello':
        return;
    }
  }

  async #start(order: StartOrder): Promise<void> {
    const { runId } = order;
    try {
      await this.host.start(order);
      failpoint('supervisor.before-started');
      this.#sayWithNext({ kind: 'started', runId });
    } catch (error) {
      if (!(error instanceof StartedBefore)) this.log.error('run.start-failed', { runId, error });
      this.#say({ kind: 'notStarted', runId, why: (error as Error).message });
    }
  }

  async #resume(limits: RunLimits): Promise<void> {
    const { runId } = limits;
    try {
      this.#say({ runId, ...(await this.host.resume(limits)) });
    } catch (error) {
      this.log.error('run.not-resumed', { runId, error });
      this.#say({ kind: 'notResumed', runId, why: (error as Error).message });
    }
  }

  #retire(): void {
    if (this.host.runIds.length > 0) return this.#say({ kind: 'staying' });
    this.#say({ kind: 'leaving' });
    this.#end();
  }

  /** When nothing runs the connection is left to the end of the program: so the agent can tell that it has ended. */
  #farewell(): void {
    this.#saidGoodbye = true;
    if (this.host.runIds.length === 0) this.#end();
    else this.#agent?.end();
  }

  /** Each message costs both sides a call into the system, and a short script has more to say in a moment. */
  #sayWithNext(message: FromSupervisor): void {
    this.#unsaid += toLine(message);
    this.#patience ??= this.clock.after(NEXT_WITHIN_MS, () => this.#say());
  }

  #say(message?: FromSupervisor): void {
    const words = this.#unsaid + (message ? toLine(message) : '');
    this.#unsaid = '';
    this.#patience?.stop();
    this.#patience = undefined;
    const agent = this.#agent;
    if (!agent?.writable || words === '') return;
    agent.write(words);
    if (agent.writableLength > MOST_UNREAD_BYTES) agent.destroy();
  }

  #considerLeaving(): void {
    this.#wait?.stop();
    if (!this.#isUnneeded()) return;
    this.#wait = this.clock.after(this.#saidGoodbye ? 0 : WAIT_FOR_AGENT_MS, () => {
      if (this.#isUnneeded()) this.#end();
    });
  }

  #isUnneeded(): boolean {
    return this.#agent === null && this.host.runIds.length === 0;
  }

  #end(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#server.close();
    if (!this.#agent?.writableLength) return this.leave();
    // Last words on their way, to an agent that may not listen.
    this.#agent.once('drain', this.leave);
    this.clock.after(LAST_WORDS_MS, this.leave);
  }
}

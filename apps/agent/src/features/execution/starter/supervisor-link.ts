import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import {
  PROTOCOL,
  SOCKET_NAME,
  readLines,
  toLine,
  type FromSupervisor,
  type ToSupervisor,
} from '../../../supervisor/index.js';

const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 5_000;
const ANSWER_WITHIN_MS = 10_000;
const NOBODY_LISTENS = new Set(['ENOENT', 'ECONNREFUSED']);

export type Welcome = Extract<FromSupervisor, { kind: 'welcome' }>;

/**
 * One connection to the supervisor of a spool, made again whenever it breaks. When nobody listens a supervisor is
 * started; a broken one is started again ever less often, at most every five seconds.
 */
export class SupervisorLink {
  #socket: Socket | null = null;
  #isClosed = false;
  #failures = 0;
  #comingUp: Promise<void> = Promise.resolve();
  /** Ends a pause. */
  #wakeUp: () => void = () => undefined;
  onWelcome: (welcome: Welcome) => void = () => undefined;
  onMessage: (message: FromSupervisor) => void = () => undefined;
  onLost: () => void = () => undefined;

  constructor(
    private readonly spool: string,
    /** Starts a supervisor and resolves when it can be connected to. */
    private readonly launch: () => Promise<'ready' | 'taken'>,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  begin(): void {
    this.#comingUp = this.#comeUp();
  }

  get isUp(): boolean {
    return this.#socket !== null;
  }

  /** On the connection that is there. Whether it arrived is told by an answer, or by `onLost` without one. */
  send(message: ToSupervisor): void {
    this.#socket?.write(toLine(message));
  }

  /** Says goodbye and waits until the supervisor has let go: it has ended then, or has runs to look after. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wakeUp();
    await this.#comingUp;
    const socket = this.#socket;
    if (!socket) return;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write(toLine({ kind: 'goodbye' }));
    const limit = this.clock.after(ANSWER_WITHIN_MS, () => socket.destroy());
    await closed;
    limit.stop();
  }

  async #comeUp(): Promise<void> {
    let isStarted = false;
    // One that was started is spoken with even when the agent stops meanwhile: it must hear the goodbye.
    while (!this.#socket && (isStarted || !this.#isClosed)) {
      const outcome = await this.#tryToComeUp();
      isStarted = outcome === 'started';
      if (outcome === 'failed' && !this.#isClosed) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const pauseMs = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    await new Promise<void>((resolve) => {
      this.#wakeUp = resolve;
      this.clock.after(pauseMs, resolve);
    });
  }

  async #tryToComeUp(): Promise<'up' | 'started' | 'failed'> {
    try {
      const socket = await dial(this.spool);
      const welcome = await this.#introduce(socket);
      this.#failures = 0;
      this.#take(socket, welcome);
      return 'up';
    } catch (error) {
      if (!NOBODY_LISTENS.has((error as NodeJS.ErrnoException).code ?? '')) {
        this.log.warn('supervisor.not-reached', { error });
        return 'failed';
      }
    }
    try {
      return !this.#isClosed && (await this.launch()) === 'ready' ? 'started' : 'failed';
    } catch (error) {
      this.log.error('supervisor.not-started', { error });
      return 'failed';
    }
  }

  /** @throws when the supervisor does not take us, with its reason */
  #introduce(socket: Socket): Promise<Welcome> {
    const limit = this.clock.after(ANSWER_WITHIN_MS, () => socket.destroy(new Error('the supervisor does not answer')));
    return new Promise<Welcome>((resolve, reject) => {
      socket.on('error', reject);
      socket.once('close', () => reject(new Error('the supervisor let go of the connection')));
      let isWelcome = false;
      readLines<FromSupervisor>(socket, (message) => {
        if (isWelcome) return this.onMessage(message);
        limit.stop();
        if (message.kind !== 'welcome') {
          const why = message.kind === 'refused' ? message.why : `it said "${message.kind}"`;
          return void socket.destroy(new Error(`the supervisor does not take this agent: ${why}`));
        }
        isWelcome = true;
        resolve(message);
      });
      socket.write(toLine({ kind: 'hello', protocol: PROTOCOL }));
    }).finally(() => limit.stop());
  }

  #take(socket: Socket, welcome: Welcome): void {
    if (socket.destroyed) throw new Error('the supervisor let go of the connection');
    this.#socket = socket;
    socket.once('close', () => {
      this.#socket = null;
      if (this.#isClosed) return;
      this.log.warn('supervisor.lost', {});
      this.onLost();
      this.begin();
    });
    if (!this.#isClosed) this.onWelcome(welcome);
  }
}

/** By the open folder, since a spool's path may be longer than a socket's may. */
async function dial(spool: string): Promise<Socket> {
  const folder = join(spool, 'supervisor');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const opened = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await new Promise<Socket>((resolve, reject) => {
      const socket = connect(`/proc/self/fd/${opened}/${SOCKET_NAME}`);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(socket);
      });
    });
  } finally {
    closeSync(opened);
  }
}

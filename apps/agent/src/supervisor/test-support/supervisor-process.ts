import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUPERVISOR_FROM_SOURCE } from '../../test-support/supervisor-from-source.js';
import { readLines, toLine, type FromSupervisor, type ToSupervisor } from '../index.js';
import type { StartOrder } from '../words.js';

type Said<K extends FromSupervisor['kind']> = Extract<FromSupervisor, { kind: K }>;

/** A connection to a supervisor, with all that was heard on it. */
export class Caller {
  readonly heard: FromSupervisor[] = [];
  readonly closed: Promise<unknown>;
  #waiting: (() => void)[] = [];

  private constructor(private readonly socket: Socket) {
    this.closed = once(socket, 'close');
    socket.on('error', () => undefined);
    readLines<FromSupervisor>(socket, (message) => {
      this.heard.push(message);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  static async connect(spool: string): Promise<Caller> {
    const folder = openSync(join(spool, 'supervisor'), 'r');
    const socket = connect(`/proc/self/fd/${folder}/socket`);
    await once(socket, 'connect').finally(() => closeSync(folder));
    return new Caller(socket);
  }

  say(message: ToSupervisor): void {
    this.socket.write(toLine(message));
  }

  hangUp(): void {
    this.socket.destroy();
  }

  /** The first message of the kind, about the run if one is given. */
  async hear<K extends FromSupervisor['kind']>(kind: K, runId?: string): Promise<Said<K>> {
    for (;;) {
      const found = this.heard.find(
        (said) => said.kind === kind && (!runId || ('runId' in said && said.runId === runId)),
      );
      if (found) return found as Said<K>;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits until the run's stream has so many bytes. */
  async hearOutput(runId: string, length: number): Promise<void> {
    const isSo = (said: FromSupervisor): boolean =>
      said.kind === 'output' && said.runId === runId && said.stream === 'stdout' && said.length >= length;
    while (!this.heard.some(isSo)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

export interface StartedProgram {
  readonly child: ChildProcess;
  readonly pid: number;
  /** null while it runs and after a signal. */
  readonly ended: Promise<number | null>;
  /** False when it ended before it was ready. */
  readonly isReady: boolean;
}

/** A spool of the test with real supervisors on it. */
export class SupervisedSpool {
  readonly path = mkdtempSync(join(tmpdir(), 'scriptmesh-supervised-'));
  readonly #programs: StartedProgram[] = [];
  #count = 0;

  async launch(version = '1'): Promise<StartedProgram> {
    const { nodeArgs, file } = SUPERVISOR_FROM_SOURCE;
    const child = spawn(process.execPath, [...nodeArgs, file, this.path, version], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/usr/bin:/bin' },
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    const isReady = await Promise.race([
      once(child.stdout as NodeJS.EventEmitter, 'data').then(() => true),
      ended.then(() => false),
    ]);
    const program = { child, pid: child.pid as number, ended, isReady };
    this.#programs.push(program);
    return program;
  }

  /** Connected and welcomed. */
  async call(): Promise<Caller> {
    const caller = await Caller.connect(this.path);
    caller.say({ kind: 'hello', protocol: 1 });
    await caller.hear('welcome');
    return caller;
  }

  order(text: string, fields: Partial<StartOrder> = {}): StartOrder {
    const runId = `run-${(this.#count += 1)}-${process.pid}`;
    const folder = join(this.path, runId);
    mkdirSync(folder);
    return {
      runId,
      folder,
      argv: ['/bin/sh', '-c', text],
      cwd: this.path,
      env: { PATH: '/usr/bin:/bin', SM_RUN_ID: runId },
      timeoutMs: 60_000,
      killGraceMs: 1_000,
      outputMaxBytes: 10_000_000,
      ...fields,
    };
  }

  read(order: StartOrder, name: string): string {
    return readFileSync(join(order.folder, name), 'utf8');
  }

  async remove(): Promise<void> {
    for (const { child, ended } of this.#programs) {
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.path, { recursive: true, force: true });
  }
}

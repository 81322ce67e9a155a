import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EventLog } from './event-log.js';

const BATCH = 256;
/** Below this a new batch is made beside the runs that use up the rest. */
const LOW = 64;

const execute = promisify(execFile);

/**
 * Named pipes made in advance, since Node cannot make them itself and a process for each run would cost as much as the
 * script's own start. What a supervisor has left unused serves the next one.
 */
export class FifoPool {
  readonly #ready: string[];
  #making: Promise<void> | undefined;

  constructor(
    private readonly folder: string,
    private readonly log: EventLog,
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#ready = readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => lstatSync(path).isFIFO());
    if (this.#ready.length < LOW) this.#makeMore();
  }

  /** The path of a pipe that nobody has opened yet; the caller moves it away. @throws when none can be made */
  async take(): Promise<string> {
    let path = this.#ready.pop();
    while (path === undefined) {
      await this.#make();
      path = this.#ready.pop();
    }
    if (this.#ready.length < LOW) this.#makeMore();
    return path;
  }

  /** Resolves when no process of its own runs any more. */
  async settle(): Promise<void> {
    await this.#making?.catch(() => undefined);
  }

  #makeMore(): void {
    this.#make().catch((error: unknown) => this.log.warn('fifos.not-made', { error }));
  }

  #make(): Promise<void> {
    this.#making ??= this.#makeBatch().finally(() => (this.#making = undefined));
    return this.#making;
  }

  async #makeBatch(): Promise<void> {
    const batch = randomBytes(6).toString('hex');
    const paths = Array.from({ length: BATCH }, (_, index) => join(this.folder, `${batch}-${index}`));
    await execute('mkfifo', ['-m', '600', '--', ...paths], { env: { PATH: '/usr/bin:/bin' } });
    this.#ready.push(...paths);
  }
}

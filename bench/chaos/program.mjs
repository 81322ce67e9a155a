/** One built program as a real process that can be killed, held and started again with the same settings. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SHIPPED } from '../programs/shipped.mjs';

const READY_WITHIN_MS = 60_000;

export class Program {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  /** The address of the ready line. */
  url = '';
  /** Starts that ended before the ready line. */
  failedStarts = 0;

  /**
   * @param {'orchestrator' | 'agent'} name
   * @param {string} home
   * @param {() => Record<string, string>} env asked anew for each start
   */
  constructor(name, home, env) {
    this.name = name;
    this.home = home;
    this.env = env;
    mkdirSync(home, { recursive: true });
  }

  get pid() {
    return /** @type {number} */ (this.#child?.pid);
  }

  /**
   * Starts it and waits for its ready line; again every second when it ends before, as a service manager would: with a
   * full disk a program may not come up.
   */
  async start(/** @type {Record<string, string>} */ extra = {}) {
    for (const deadline = performance.now() + READY_WITHIN_MS; ; await pause(1_000)) {
      const said = await this.#startOnce(extra);
      if (this.url) return;
      this.failedStarts += 1;
      if (performance.now() > deadline)
        throw new Error(`the ${this.name} in ${this.home} did not start:\n${said}${this.#lastWords()}`);
    }
  }

  /** Sets `url`, to nothing when it ended before it was ready. @returns what it said */
  async #startOnce(/** @type {Record<string, string>} */ extra) {
    const { nodeFlags, file } = SHIPPED[this.name];
    const child = spawn(process.execPath, [...nodeFlags, file], {
      cwd: this.home,
      env: { PATH: process.env['PATH'], SCRIPT_MESH_HOME: this.home, ...this.env(), ...extra },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.pipe(createWriteStream(join(this.home, 'stderr.log'), { flags: 'a' }));
    let said = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      said += chunk;
      if (/ ready on \S+/.test(said)) break;
    }
    clearTimeout(timer);
    child.stdout.pipe(createWriteStream(join(this.home, 'stdout.log'), { flags: 'a' }));
    this.url = / ready on (\S+)/.exec(said)?.[1] ?? '';
    return said;
  }

  /** Ends it by the signal and waits until it is gone. @returns the signal that it died of, null when it ended itself */
  async end(/** @type {NodeJS.Signals} */ signal) {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit');
    child.kill(signal);
    return (await ended)[1];
  }

  isAlive() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #lastWords() {
    return readFileSync(join(this.home, 'stderr.log'), 'utf8').slice(-2000);
  }
}

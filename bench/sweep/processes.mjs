/** The processes of the bench: started here, awaited by what they say, ended by `endAll`. */
import { fork, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventEmitter, once } from 'node:events';

const ROOT = join(import.meta.dirname, '../..');
const ORCHESTRATOR = join(ROOT, 'dist/orchestrator/apps/orchestrator/src/main.js');
const READY_WITHIN_MS = 60_000;
/** @type {Set<import('node:child_process').ChildProcess>} */
const open = new Set();

function keep(child) {
  open.add(child);
  child.once('exit', () => open.delete(child));
  return child;
}

export function endAll() {
  for (const child of open) child.kill('SIGKILL');
}

/** A process of the bench itself. Its messages arrive as events named by their kind. */
export class Helper extends EventEmitter {
  #child;

  constructor(/** @type {string} */ file) {
    super();
    this.#child = keep(fork(join(import.meta.dirname, file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    this.#child.on('message', (message) => this.emit(message.kind, message));
    this.#child.once('exit', (code) => code && process.stderr.write(`${file} ended with ${code}\n`));
  }

  send(message) {
    this.#child.send(message);
  }

  /** Sends and waits for the answer of that kind. */
  async ask(message, kind) {
    const answer = once(this, kind);
    this.send(message);
    return (await answer)[0];
  }
}

/** The built orchestrator as a process of its own. */
export class Orchestrator {
  #child;
  url = '';

  /** @param {string} home @param {Record<string, string>} env @param {string[]} nodeFlags for example --cpu-prof */
  static async start(home, env, nodeFlags = []) {
    const it = new Orchestrator();
    const child = spawn(process.execPath, [...nodeFlags, ORCHESTRATOR], {
      cwd: home,
      env: { PATH: process.env['PATH'], SCRIPT_MESH_HOME: home, SCRIPT_MESH_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    it.#child = keep(child);
    child.stderr.pipe(createWriteStream(join(home, 'stderr.log'), { flags: 'a' }));
    let said = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      said += chunk;
      it.url = / ready on (\S+)/.exec(said)?.[1] ?? '';
      if (it.url) break;
    }
    clearTimeout(timer);
    child.stdout.pipe(createWriteStream(join(home, 'stdout.log'), { flags: 'a' }));
    if (!it.url) throw new Error(`the orchestrator did not start:\n${said}${readFileSync(join(home, 'stderr.log'))}`);
    return it;
  }

  /** In MiB, as the system counts it. */
  residentMiB() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }

  /** Processor seconds used so far. */
  cpuSeconds() {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async stop() {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

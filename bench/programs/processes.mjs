/** The processes of the benches: started here, awaited by what they say, ended by `endAll`. */
import { fork, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHIPPED } from './shipped.mjs';

const ROOT = join(import.meta.dirname, '../..');
const READY_WITHIN_MS = 120_000;
/** @type {Set<import('node:child_process').ChildProcess>} */
const open = new Set();

/** From now on `endAll` ends it too. */
export function keep(child) {
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

  constructor(/** @type {string} below `bench/` */ file) {
    super();
    this.#child = keep(fork(join(ROOT, 'bench', file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    this.#child.on('message', (message) => this.emit(message.kind, message));
    // Whoever waits for a message is told, and otherwise the bench ends here.
    this.#child.once('exit', (code) => code && this.emit('error', new Error(`${file} ended with ${code}`)));
  }

  send(message) {
    this.#child.send(message);
  }

  /** Resolves with the next message of that kind, in an array as events are. */
  next(/** @type {string} */ kind) {
    return once(this, kind);
  }

  /** Sends and waits for the answer of that kind. */
  async ask(message, kind) {
    const answer = once(this, kind);
    this.send(message);
    return (await answer)[0];
  }
}

/** One of the built programs as a process of its own. */
class Program {
  #child;
  /** Where it listens. */
  url = '';

  /** @param {'orchestrator' | 'agent'} name of the app @param {string} home @param {Record<string, string>} env @param {string[]} nodeFlags */
  async begin(name, home, env, nodeFlags) {
    mkdirSync(home, { recursive: true });
    const child = spawn(process.execPath, [...SHIPPED[name].nodeFlags, ...nodeFlags, SHIPPED[name].file], {
      cwd: home,
      env: { PATH: process.env['PATH'], SCRIPT_MESH_HOME: home, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = keep(child);
    child.stderr.pipe(createWriteStream(join(home, 'stderr.log'), { flags: 'a' }));
    let said = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      said += chunk;
      this.url = / ready on (\S+)/.exec(said)?.[1] ?? '';
      if (this.url) break;
    }
    clearTimeout(timer);
    child.stdout.pipe(createWriteStream(join(home, 'stdout.log'), { flags: 'a' }));
    if (!this.url) throw new Error(`the ${name} did not start:\n${said}${readFileSync(join(home, 'stderr.log'))}`);
    return this;
  }

  get pid() {
    return this.#child.pid;
  }
  residentMiB() {
    return residentMiB(this.pid);
  }
  cpuSeconds() {
    return cpuSeconds(this.pid);
  }

  async stop() {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** A port that was free a moment ago. @returns {Promise<number>} */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** Processes whose parent is `pid`. */
export function childrenOf(/** @type {number} */ pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** Of any process, as the system counts it. */
export function residentMiB(/** @type {number} */ pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Processor seconds that the process has used so far. */
export function cpuSeconds(/** @type {number} */ pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export class Orchestrator extends Program {
  #home = '';

  /** @param {string} home @param {Record<string, string>} env @param {string[]} nodeFlags for example --cpu-prof */
  static async start(home, env, nodeFlags = []) {
    const it = new Orchestrator();
    it.#home = home;
    await it.begin('orchestrator', home, { SCRIPT_MESH_PORT: '0', ...env }, nodeFlags);
    return it;
  }

  get key() {
    return readFileSync(join(this.#home, 'cfg/main.key'), 'utf8').trim();
  }
}

export class Agent extends Program {
  /** Resolves when it listens; `waitForAgents` says when the orchestrator knows it. */
  static async start(/** @type {string} */ home, /** @type {Record<string, string>} */ env, nodeFlags = []) {
    const it = new Agent();
    await it.begin('agent', home, { SCRIPT_MESH_AGENT_PORT: '0', ...env }, nodeFlags);
    return it;
  }
}

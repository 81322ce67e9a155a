/** One agent of the mesh: its home, its links through proxies, and its supervisor. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './program.mjs';
import { Proxy } from './proxy.mjs';
import { supervisorOf } from './processes.mjs';
import { writeScripts } from './scripts.mjs';
import { until } from './until.mjs';

/** Room for eight big runs at once and the journal; beyond it the ballast of the fault. */
const TMPFS_MEGABYTES = 48;
const SUPERVISOR_WITHIN_MS = 20_000;

export class Agent {
  /** What the agent calls the orchestrator by, and the orchestrator the agent. */
  up = /** @type {Proxy} */ (/** @type {unknown} */ (undefined));
  down = /** @type {Proxy} */ (/** @type {unknown} */ (undefined));
  /** Faults of its programs come one after the other. */
  turn = Promise.resolve();
  #mounted = false;
  #port = 0;

  /** @param {{ name: string, transport: string, folder: string, ledger: string, env: () => Record<string, string> }} place */
  constructor({ name, transport, folder, ledger, env }) {
    this.name = name;
    this.transport = transport;
    this.home = join(folder, name);
    this.program = new Program('agent', this.home, () => ({ ...env(), ...this.#settings() }));
    writeScripts(this.home, ledger);
  }

  get spool() {
    return join(this.home, 'spool');
  }

  /** Gives it a disk of its own that can be filled. Only root may. */
  mountSpool() {
    mkdirSync(this.spool, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${TMPFS_MEGABYTES}m,mode=0700`, 'scriptmesh-chaos', this.spool]);
    this.#mounted = true;
  }

  async open(/** @type {number} */ orchestratorPort) {
    [this.up, this.down] = await Promise.all([Proxy.start(), Proxy.start()]);
    this.up.aimAt(orchestratorPort);
    await this.start();
  }

  async start(/** @type {Record<string, string>} */ extra = {}) {
    await this.program.start(extra);
    if (this.transport !== 'http') return;
    this.#port = Number(new URL(this.program.url).port);
    this.down.aimAt(this.#port);
  }

  /** The pid of its living supervisor, which may be about to be started. @throws when there is none in time */
  async supervisor() {
    await until(() => supervisorOf(this.home), SUPERVISOR_WITHIN_MS);
    const pid = supervisorOf(this.home);
    if (pid === undefined) throw new Error(`${this.name} has had no supervisor for ${SUPERVISOR_WITHIN_MS} ms`);
    return pid;
  }

  /** In order; the supervisor follows once nothing runs. @returns whether both are gone */
  async stop() {
    await this.program.end('SIGTERM');
    const gone = await until(() => supervisorOf(this.home) === undefined, SUPERVISOR_WITHIN_MS);
    const pid = supervisorOf(this.home);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    return gone;
  }

  async close() {
    await this.program.end('SIGKILL');
    const pid = supervisorOf(this.home);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    this.up?.stop();
    this.down?.stop();
    if (this.#mounted) execFileSync('umount', ['-l', this.spool]);
    this.#mounted = false;
  }

  #settings() {
    return {
      SCRIPT_MESH_AGENT_NAME: this.name,
      SCRIPT_MESH_TRANSPORT: this.transport,
      SCRIPT_MESH_AGENT_PORT: String(this.#port),
      ORCHESTRATOR_URL: this.up.url,
      AGENT_URL: this.down.url,
    };
  }
}

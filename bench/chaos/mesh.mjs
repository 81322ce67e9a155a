/** An orchestrator and its agents as real processes; every connection between them, and the client's, is proxied. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from './agent.mjs';
import { Program } from './program.mjs';
import { Proxy } from './proxy.mjs';
import { SCRIPTS } from './scripts.mjs';
import { until } from './until.mjs';

/** Small, so that what I9 bounds is over soon; `lostAfter` is longer than any fault lasts. */
export const DELIVER_WITHIN_SECONDS = 60;
export const LOST_AFTER_SECONDS = 90;
export const TIMEOUT_SECONDS = 30;
export const GRACE_SECONDS = 2;
const MEBIBYTE = 1_048_576;
const KNOWN_WITHIN_MS = 60_000;

export class Mesh {
  folder = mkdtempSync(join(tmpdir(), 'scriptmesh-chaos-'));
  ledger = join(this.folder, 'ledger');
  turn = Promise.resolve();
  /** The load's way to the API. */
  client = /** @type {Proxy} */ (/** @type {unknown} */ (undefined));
  #postgres = /** @type {{ url: string, freshDatabaseUrl(): Promise<string>, stop(): Promise<void> } | undefined} */ (
    undefined
  );
  #databaseUrl = '';
  #port = 0;

  constructor(/** @type {string[]} */ transports, /** @type {boolean} */ hasOwnDisk) {
    writeFileSync(this.ledger, '', { mode: 0o600 });
    this.orchestrator = new Program('orchestrator', join(this.folder, 'orchestrator'), () => this.#settings());
    this.agents = transports.map(
      (transport, index) =>
        new Agent({
          name: `agent-${index}-${transport}`,
          transport,
          folder: this.folder,
          ledger: this.ledger,
          env: () => this.#agentSettings(),
        }),
    );
    this.hasOwnDisk = hasOwnDisk;
  }

  /** The agent whose spool lies on a disk of its own. */
  get smallDisk() {
    return /** @type {Agent} */ (this.agents.at(-1));
  }

  get mainKey() {
    return readFileSync(join(this.orchestrator.home, 'cfg/main.key'), 'utf8').trim();
  }

  /** Starts all and waits until every agent's scripts are known. */
  async start(/** @type {string} */ store) {
    if (store === 'postgres') {
      const { startPostgres } = await import('../../libs/testing/src/postgres-server.ts');
      this.#postgres = await startPostgres();
      this.#databaseUrl = await this.#postgres.freshDatabaseUrl();
    }
    await this.orchestrator.start();
    this.#port = Number(new URL(this.orchestrator.url).port);
    this.client = await Proxy.start();
    this.client.aimAt(this.#port);
    if (this.hasOwnDisk) this.smallDisk.mountSpool();
    await Promise.all(this.agents.map((agent) => agent.open(this.#port)));
    const known = await until(() => this.#areScriptsKnown(), KNOWN_WITHIN_MS);
    if (!known) throw new Error(`the scripts of the agents were not known within ${KNOWN_WITHIN_MS} ms`);
  }

  /** Ends what is left, whatever happened. */
  async close(/** @type {boolean} */ keepsFolder) {
    await Promise.all(this.agents.map((agent) => agent.close()));
    await this.orchestrator.end('SIGKILL');
    this.client?.stop();
    await this.#postgres?.stop();
    if (!keepsFolder) rmSync(this.folder, { recursive: true, force: true });
  }

  async #areScriptsKnown() {
    const headers = { 'x-api-key': this.mainKey };
    const answers = await Promise.all(
      this.agents.map(({ name }) => fetch(`${this.orchestrator.url}/api/v1/agents/${name}/scripts`, { headers })),
    );
    const pages = await Promise.all(answers.map(async (answer) => (answer.ok ? (await answer.json()).items : [])));
    return pages.every((items) => items.length === Object.keys(SCRIPTS).length);
  }

  #settings() {
    return {
      SCRIPT_MESH_PORT: String(this.#port),
      SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS: '5',
      SCRIPT_MESH_DELIVER_WITHIN_SECONDS: String(DELIVER_WITHIN_SECONDS),
      SCRIPT_MESH_LOST_AFTER_SECONDS: String(LOST_AFTER_SECONDS),
      ...(this.#databaseUrl ? { DATABASE_URL: this.#databaseUrl } : {}),
    };
  }

  #agentSettings() {
    return {
      SCRIPT_MESH_MAIN_KEY: this.mainKey,
      SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS: '2',
      SCRIPT_MESH_DEFAULT_TIMEOUT_SECONDS: String(TIMEOUT_SECONDS),
      SCRIPT_MESH_KILL_GRACE_SECONDS: String(GRACE_SECONDS),
      SCRIPT_MESH_DISK_RESERVE_BYTES: String(8 * MEBIBYTE),
    };
  }
}

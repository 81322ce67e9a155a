import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isFinalState, RUN_STATES } from '@scriptmesh/contracts';
import { checkRun } from '../../bench/chaos/check-run.mjs';
import { Reader } from '../../bench/chaos/reader.mjs';
import { writeScripts } from '../../bench/chaos/scripts.mjs';
import { AGENT_NAME, Mesh } from './mesh.js';
import { until } from './program.js';
import { findSupervisor } from './supervisor.js';

type ProgramName = 'orchestrator' | 'agent';
type Environment = Readonly<Record<string, string>>;

/** One run that a test asked for. */
export interface Asked {
  readonly id: string;
  readonly key: string;
  readonly script: string;
  cancelled: boolean;
}

const DEVELOPMENT = { SCRIPT_MESH_MODE: 'development' };
/** Times are short, so that whatever a dead program has left is looked into soon. */
const AGENT = { ...DEVELOPMENT, SCRIPT_MESH_KILL_GRACE_SECONDS: '1' };
const FINAL_STATES = RUN_STATES.filter(isFinalState);
/** With what has to come by itself. */
const PATIENCE_MS = 20_000;
const AGAIN_AFTER_MS = 50;
/** In a fault of the checker: it hits whatever lives. */
const ALWAYS = { agent: AGENT_NAME, beganAt: 0, endedAt: Infinity, happened: true };

/**
 * A mesh whose programs are armed with failpoints, die of them and are started again, as a service manager does. Its
 * scripts and its checker are those of the fault run (bench/chaos).
 */
export class FailingMesh {
  readonly mesh = new Mesh();
  readonly #ledger = join(this.mesh.folder, 'ledger');
  readonly #asked: Asked[] = [];
  #log = '';
  #arms = 0;
  /** Since the last arming: of the program that was armed, also those that did not become ready. */
  #starts = 0;
  /** The program that is started again when it is killed, and the work of it. */
  #kept: ProgramName | undefined;
  #keeping: Promise<void> = Promise.resolve();

  async start(): Promise<void> {
    writeFileSync(this.#ledger, '', { mode: 0o600 });
    mkdirSync(this.mesh.orchestratorHome);
    writeScripts(this.mesh.agentHome, this.#ledger);
    await this.mesh.startOrchestrator(DEVELOPMENT);
    await this.mesh.startAgent(AGENT);
    await this.mesh.waitForScripts(7);
  }

  /**
   * Starts the program anew with failpoints; from now on it is started again when it is killed. A supervisor that is at
   * work goes on as it is.
   */
  async arm(program: ProgramName, failpoints: string, env: Environment = {}): Promise<void> {
    // A point that the rest of an earlier run hits would kill in the middle of the next one.
    if (program === 'agent') await this.#untilSettled();
    await this.#end(program, 'SIGKILL');
    this.#log = join(this.mesh.folder, `hits-${(this.#arms += 1)}`);
    const own = program === 'agent' ? AGENT : DEVELOPMENT;
    const armed = { ...own, ...env, SCRIPT_MESH_FAILPOINT: failpoints, SCRIPT_MESH_FAILPOINT_LOG: this.#log };
    this.#kept = program;
    this.#starts = 0;
    await this.#startOnce(program, armed);
    this.#keeping = this.#keep(program, armed);
  }

  /** Stops the agent in order, and the supervisor with it. */
  async stopAgent(): Promise<void> {
    await this.#end('agent', 'SIGTERM');
    await until('the end of the supervisor', () => findSupervisor(this.mesh.agentHome) === undefined);
  }

  startAgent(): Promise<void> {
    return this.mesh.startAgent(AGENT);
  }

  /** Waits until the agent and the orchestrator are agreed on the journal. */
  waitForWelcome(): Promise<void> {
    return until('the welcome', () => this.mesh.agent.output.stderr.includes('agent.welcomed'));
  }

  /** Asks, again with the same key while nobody answers, and notes the run. */
  async ask(script: string): Promise<Asked> {
    const key = `failpoint-${this.#asked.length}`;
    const asked = { id: await this.#askWith(key, script), key, script, cancelled: false };
    this.#asked.push(asked);
    return asked;
  }

  /** Asks for a run of `patient` and cancels it when it has begun. */
  async askAndCancel(): Promise<Asked> {
    const asked = await this.ask('patient');
    await until('the start of the script', () => this.spawnsOf(asked.id) === 1);
    asked.cancelled = true;
    await this.#answered(async () => {
      const { status } = await this.mesh.call('POST', `/api/v1/runs/${asked.id}/cancel`);
      return status < 500 ? status : undefined;
    });
    return asked;
  }

  spawnsOf(id: string): number {
    return readFileSync(this.#ledger, 'utf8')
      .split('\n')
      .filter((line) => line === id).length;
  }

  /** Waits until all that is armed has happened and every killed program serves again. */
  async waitForHits(failpoints: string): Promise<void> {
    const items = failpoints.split(',');
    await until(`${failpoints} to be hit`, () => this.#hits().length === items.length);
    const kills = items.filter((item) => item.includes(':kill') && !item.startsWith('supervisor.')).length;
    await until('the killed program to be ready again', () => this.#starts === 1 + kills);
  }

  /**
   * Holds what became of a run against the invariants.
   * @param fault what was done to the run's agent, which may excuse a loss
   * @returns the state, with the cause of a loss
   */
  async endOf(asked: Asked, fault?: 'kill-agent' | 'kill-supervisor'): Promise<string> {
    await this.mesh.waitForState(asked.id, ...FINAL_STATES);
    const ended = await new Reader(this.mesh.url, this.mesh.mainKey).history(asked);
    if (!ended) throw new Error(`run ${asked.id} cannot be read`);
    const faults = fault ? [{ ...ALWAYS, kind: fault }] : [];
    const violations = checkRun({ asked, ended, spawns: this.spawnsOf(asked.id), faults });
    if (violations.length > 0) throw new Error(JSON.stringify(violations));
    if ((await this.#askWith(asked.key, asked.script)) !== asked.id) throw new Error('one key has made two runs');
    const { state } = ended.run;
    return state === 'lost' ? `lost ${ended.transitions.at(-1)?.cause}` : state;
  }

  /** What must hold at the very end, of everything: no run but those asked for, nothing left over, ends that never changed. */
  async leftOver(): Promise<readonly string[]> {
    const ids = new Set(this.#asked.map(({ id }) => id));
    const inStore = await new Reader(this.mesh.url, this.mesh.mainKey).allIds();
    const spawned = readFileSync(this.#ledger, 'utf8').trim().split('\n');
    const unsettled = await this.#untilSettled().then(
      () => [],
      () => this.#unsettledFolders(),
    );
    return [
      ...[...ids].filter((id) => !inStore.includes(id)).map((id) => `run ${id} is gone`),
      ...inStore.filter((id) => !ids.has(id)).map((id) => `nobody asked for run ${id}`),
      ...spawned.filter((id, at) => spawned.indexOf(id) !== at).map((id) => `run ${id} was spawned twice`),
      ...spawned.filter((id) => !ids.has(id)).map((id) => `run ${id} was spawned, and nobody asked for it`),
      ...unsettled.map((name) => `the spool still has ${name}`),
    ];
  }

  /** The agent's journal as an old snapshot has it: without this run, which it told the orchestrator of. */
  forgetInSpool(asked: Asked): void {
    rmSync(join(this.mesh.agentHome, 'spool', asked.id), { recursive: true });
  }

  async stop(): Promise<void> {
    this.#kept = undefined;
    await this.mesh.stop();
    await this.#keeping;
  }

  async #end(program: ProgramName, signal: NodeJS.Signals): Promise<void> {
    if (this.#kept === program) this.#kept = undefined;
    await this.mesh[program].stop(signal);
    if (this.#kept !== undefined) return;
    const keeping = this.#keeping;
    this.#keeping = Promise.resolve();
    await keeping;
  }

  async #keep(program: ProgramName, env: Environment): Promise<void> {
    for (;;) {
      const { signal } = await this.mesh[program].ended;
      if (this.#kept !== program || signal !== 'SIGKILL') return;
      await this.#startOnce(program, env);
    }
  }

  /** One that dies of a failpoint before it is ready is the keeper's business. */
  async #startOnce(program: ProgramName, env: Environment): Promise<void> {
    const start = program === 'agent' ? this.mesh.startAgent(env) : this.mesh.startOrchestrator(env);
    await start.catch(async (error: unknown) => {
      if ((await this.mesh[program].ended).signal !== 'SIGKILL') throw error;
    });
    this.#starts += 1;
  }

  async #askWith(key: string, script: string): Promise<string> {
    return this.#answered(async () => {
      const headers = { 'idempotency-key': key };
      const answer = await this.mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script }, headers);
      if (answer.status >= 500) return undefined;
      const body = (await answer.json()) as { id?: string };
      if (!body.id) throw new Error(`the run was refused: ${JSON.stringify(body)}`);
      return body.id;
    });
  }

  /** A broken connection and 5xx, told as undefined, are no answers. */
  async #answered<T>(ask: () => Promise<T | undefined>): Promise<T> {
    for (const deadline = performance.now() + PATIENCE_MS; ; await pause(AGAIN_AFTER_MS)) {
      const answer = await ask().catch((error: unknown) => {
        if (!(error instanceof TypeError) || performance.now() > deadline) throw error;
        return undefined;
      });
      if (answer !== undefined) return answer;
      if (performance.now() > deadline) throw new Error('the orchestrator does not answer');
    }
  }

  #hits(): readonly string[] {
    return existsSync(this.#log) ? readFileSync(this.#log, 'utf8').trim().split('\n') : [];
  }

  #untilSettled(): Promise<void> {
    return until('the spool to be settled', () => this.#unsettledFolders().length === 0, PATIENCE_MS);
  }

  #unsettledFolders(): readonly string[] {
    const spool = join(this.mesh.agentHome, 'spool');
    return readdirSync(spool).flatMap((run) => {
      if (!/^[0-9a-f-]{36}$/.test(run)) return [];
      const names = namesIn(join(spool, run));
      // Pruned by the agent while we looked.
      if (!names) return [];
      const isSettled = names.length === 1 && ['done', 'fence'].includes(names[0] as string);
      return isSettled ? [] : [`${run}: ${names.join(' ')}`];
    });
  }
}

function namesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

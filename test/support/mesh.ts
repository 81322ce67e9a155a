import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentResource, Page, RunResource, ScriptResource } from '@scriptmesh/contracts';
import { endSupervisor } from './supervisor.js';
import { Program, runCli, startProgram, until, type CliResult } from './program.js';

type Environment = Readonly<Record<string, string>>;

/** What a test's script is: its file name below scripts/, its text, and further fields of its manifest entry. */
export interface TestScript {
  readonly file: string;
  readonly text: string;
  readonly entry?: Readonly<Record<string, unknown>>;
}

/** Characters of a program's log. */
const LAST_WORDS = 2000;

export const AGENT_NAME = 'e2e-agent';

/** An orchestrator and an agent as real processes on loopback, each with its own home folder. */
export class Mesh {
  readonly folder = mkdtempSync(join(tmpdir(), 'scriptmesh-e2e-'));
  orchestrator!: Program;
  agent!: Program;
  url = '';
  agentUrl = '';
  /** The agent reaches the orchestrator here; a proxy may stand in between. */
  orchestratorUrlForAgent = '';
  /** Where the agent says it is reached; null = where it listens. */
  agentUrlForOrchestrator: string | null = null;
  /** The agent's program; undefined = as it is built, in many files. */
  agentFile: string | undefined;
  #port = 0;
  #agentPort = 0;

  get orchestratorHome(): string {
    return join(this.folder, 'orchestrator');
  }
  get agentHome(): string {
    return join(this.folder, 'agent');
  }
  get mainKey(): string {
    return readFileSync(join(this.orchestratorHome, 'cfg/main.key'), 'utf8').trim();
  }

  /** Starts both and waits until the agent's manifest is known. */
  async start(
    scripts: readonly TestScript[],
    env: { orchestrator?: Environment; agent?: Environment } = {},
  ): Promise<void> {
    mkdirSync(this.orchestratorHome, { recursive: true });
    this.writeScripts(scripts);
    await this.startOrchestrator(env.orchestrator);
    await this.startAgent(env.agent);
    await this.waitForScripts(scripts.length);
  }

  /** Puts scripts and their manifest into the agent's home. */
  writeScripts(scripts: readonly TestScript[]): void {
    mkdirSync(join(this.agentHome, 'scripts'), { recursive: true });
    mkdirSync(join(this.agentHome, 'cfg'), { recursive: true });
    for (const script of scripts) {
      writeFileSync(join(this.agentHome, 'scripts', script.file), script.text);
      chmodSync(join(this.agentHome, 'scripts', script.file), 0o755);
    }
    const entries = scripts.map((s) => ({ name: s.file.replace(/\..*$/, ''), path: `scripts/${s.file}`, ...s.entry }));
    writeFileSync(join(this.agentHome, 'cfg/script_manifest.json'), JSON.stringify({ scripts: entries }));
  }

  async startOrchestrator(env: Environment = {}): Promise<void> {
    this.orchestrator = startProgram('orchestrator', this.orchestratorHome, {
      SCRIPT_MESH_PORT: String(this.#port),
      ...env,
    });
    this.url = await this.orchestrator.ready();
    this.#port = Number(new URL(this.url).port);
    this.orchestratorUrlForAgent ||= this.url;
  }

  async startAgent(env: Environment = {}): Promise<void> {
    const own = {
      SCRIPT_MESH_AGENT_PORT: String(this.#agentPort),
      SCRIPT_MESH_AGENT_NAME: AGENT_NAME,
      SCRIPT_MESH_MAIN_KEY: this.mainKey,
      SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS: '1',
      ORCHESTRATOR_URL: this.orchestratorUrlForAgent,
      ...(this.agentUrlForOrchestrator ? { AGENT_URL: this.agentUrlForOrchestrator } : {}),
    };
    this.agent = startProgram('agent', this.agentHome, { ...own, ...env }, this.agentFile);
    this.agentUrl = await this.agent.ready();
    // One that only dials tells where it dials.
    if (this.agentUrl.startsWith('http')) this.#agentPort = Number(new URL(this.agentUrl).port);
  }

  async waitForScripts(count: number): Promise<void> {
    await until(`${count} scripts of the agent`, async () => {
      const answer = await this.call('GET', `/api/v1/agents/${AGENT_NAME}/scripts`);
      return answer.status === 200 && ((await answer.json()) as Page<ScriptResource>).items.length === count;
    });
  }

  /** Sends a request with the main key; other headers may be added. */
  call(method: string, path: string, body?: unknown, headers: Environment = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: {
        'x-api-key': this.mainKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Asks for a run and answers with the accepted run, without waiting. @throws when it was not accepted */
  async askForRun(
    script: string,
    fields: Readonly<Record<string, unknown>> = {},
    headers: Environment = {},
  ): Promise<RunResource> {
    const answer = await this.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script, ...fields }, headers);
    if (answer.status !== 202 && answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as RunResource;
  }

  async getRun(id: string): Promise<RunResource> {
    return (await (await this.call('GET', `/api/v1/runs/${id}`)).json()) as RunResource;
  }

  async getAgent(): Promise<AgentResource> {
    return (await (await this.call('GET', `/api/v1/agents/${AGENT_NAME}`)).json()) as AgentResource;
  }

  /** Waits until the run has one of the states. */
  async waitForState(id: string, ...states: readonly string[]): Promise<RunResource> {
    let run = await this.getRun(id);
    const wanted = `run ${id} in ${states.join(' or ')}`;
    await until(wanted, async () => {
      run = await this.getRun(id);
      return states.includes(run.state);
    }).catch((error: unknown) => {
      throw new Error(`${wanted}, but it is ${run.state}\n${this.#lastWords()}`, { cause: error });
    });
    return run;
  }

  /** What the programs logged last, for a test that failed. */
  #lastWords(): string {
    const programs = { agent: this.agent, orchestrator: this.orchestrator };
    return Object.entries(programs)
      .map(([name, program]) => `--- ${name}\n${program?.output.stderr.slice(-LAST_WORDS) ?? 'not started'}`)
      .join('\n');
  }

  async output(id: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
    return (await this.call('GET', `/api/v1/runs/${id}/output?stream=${stream}`)).text();
  }

  cli(...words: readonly string[]): Promise<CliResult> {
    return runCli(words, { ORCHESTRATOR_URL: this.url, SCRIPT_MESH_API_KEY: this.mainKey });
  }

  touchInAgentHome(name: string): void {
    writeFileSync(join(this.agentHome, name), '');
  }

  /** Lines that the test's scripts wrote to the file that counts starts. */
  startsOf(script: string): number {
    try {
      return readFileSync(join(this.agentHome, `${script}.starts`), 'utf8')
        .trim()
        .split('\n').length;
    } catch {
      return 0;
    }
  }

  /** With the supervisor and the scripts that still run. */
  async stop(): Promise<void> {
    await this.agent?.stop();
    await endSupervisor(this.agentHome);
    await this.orchestrator?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

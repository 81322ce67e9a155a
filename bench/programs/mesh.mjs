/** An orchestrator and agents as built, ready to run the scripts of the benches. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, Orchestrator } from './processes.mjs';

const KNOWN_WITHIN_MS = 180_000;
const LOOK_AGAIN_MS = 100;

/** Name of a script -> its file and text. */
export const SCRIPTS = {
  hello_sh: { file: 'hello.sh', text: '#!/bin/sh\necho hello\n', argv: ['/bin/sh'] },
  hello_py: { file: 'hello.py', text: 'print("hello")\n', argv: ['python3'] },
  lines: {
    file: 'lines.py',
    text: 'import time\nfor n in range(200):\n    print(time.time_ns(), flush=True)\n    time.sleep(0.02)\n',
    argv: ['python3'],
  },
  much: { file: 'much.sh', text: '#!/bin/sh\nhead -c 104857600 /dev/zero\n', argv: ['/bin/sh'] },
};

export class Mesh {
  /** @type {Agent[]} */
  agents = [];

  constructor(folder) {
    this.folder = folder;
  }

  /** @param {Record<string, string>} env */
  async startOrchestrator(env = {}) {
    this.orchestrator = await Orchestrator.start(join(this.folder, 'orchestrator'), env);
  }

  get url() {
    return this.orchestrator.url;
  }
  get key() {
    return this.orchestrator.key;
  }

  /** @param {string} name @param {Record<string, string>} env */
  async startAgent(name, env = {}, nodeFlags = []) {
    const home = this.homeOf(name);
    writeScripts(home);
    const own = {
      SCRIPT_MESH_AGENT_NAME: name,
      SCRIPT_MESH_MAIN_KEY: this.key,
      ORCHESTRATOR_URL: this.url,
      SCRIPT_MESH_MAX_CONCURRENT_RUNS: '64',
    };
    const agent = await Agent.start(home, { ...own, ...env }, nodeFlags);
    this.agents.push(agent);
    return agent;
  }

  homeOf(name) {
    return join(this.folder, name);
  }
  /** The file that a bare start of the script starts. */
  scriptOf(name, script) {
    return join(this.homeOf(name), 'scripts', SCRIPTS[script].file);
  }

  /** Resolves when the orchestrator knows the agent's scripts. @throws after three minutes */
  async waitForAgent(name) {
    const until = performance.now() + KNOWN_WITHIN_MS;
    for (;;) {
      const answer = await this.call(`/api/v1/agents/${name}/scripts`);
      if (answer.ok && (await answer.json()).items.length === Object.keys(SCRIPTS).length) return;
      if (performance.now() > until) throw new Error(`the orchestrator does not know the scripts of ${name}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** @param {string} path @param {RequestInit} [options] */
  call(path, options = {}) {
    return fetch(`${this.url}${path}`, { ...options, headers: { 'x-api-key': this.key, ...options.headers } });
  }

  /** @param {string} agent @param {string} script @returns {Promise<any>} the run as it stands after at most a minute */
  async run(agent, script) {
    const answer = await this.call('/api/v1/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=60' },
      body: JSON.stringify({ agent, script }),
    });
    return answer.json();
  }

  async stop() {
    await Promise.all(this.agents.map((agent) => agent.stop()));
    await this.orchestrator.stop();
  }
}

function writeScripts(home) {
  mkdirSync(join(home, 'scripts'), { recursive: true });
  mkdirSync(join(home, 'cfg'), { recursive: true });
  for (const { file, text } of Object.values(SCRIPTS)) {
    writeFileSync(join(home, 'scripts', file), text);
    chmodSync(join(home, 'scripts', file), 0o755);
  }
  const scripts = Object.entries(SCRIPTS).map(([name, { file }]) => ({ name, path: `scripts/${file}` }));
  writeFileSync(join(home, 'cfg/script_manifest.json'), JSON.stringify({ scripts }));
}

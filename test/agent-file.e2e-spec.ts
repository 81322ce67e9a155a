import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mesh, type TestScript } from './support/mesh.js';
import { Program, ROOT, until } from './support/program.js';
import { findSupervisor } from './support/supervisor.js';

const HELLO: TestScript = { file: 'hello.sh', text: '#!/bin/sh\necho "hello Zoë"\necho aside >&2\n' };
const PATIENT: TestScript = {
  file: 'patient.sh',
  text: '#!/bin/sh\nhome="$(dirname "$0")/.."\necho "$SM_RUN_ID" >> "$home/$SM_SCRIPT.starts"\necho begun\nwhile [ ! -e "$home/go" ]; do sleep 0.05; done\necho ended\nexit 7\n',
};

/** dist/agent.mjs alone in a folder, from which no node_modules can be seen. */
describe('the agent in one file', () => {
  let folder: string;
  let mesh: Mesh;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-agent-file-'));
    copyFileSync(join(ROOT, 'dist/agent.mjs'), join(folder, 'agent.mjs'));
    mesh = new Mesh();
    mesh.agentFile = join(folder, 'agent.mjs');
  });
  afterEach(async () => {
    await mesh.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const begin = (env: Readonly<Record<string, string>> = {}): Promise<void> =>
    mesh.start([HELLO, PATIENT], { agent: env });
  const sayHello = async (): Promise<string> => {
    const run = await mesh.askForRun('hello', {}, { prefer: 'wait=30' });
    expect(run).toMatchObject({ state: 'succeeded', exitCode: 0 });
    return `${await mesh.output(run.id)}${await mesh.output(run.id, 'stderr')}`;
  };

  it.each(['http', 'websocket'])(
    'registers and runs scripts over %s, and leaves nothing beside itself',
    async (name) => {
      await begin({ SCRIPT_MESH_TRANSPORT: name });
      expect(await sayHello()).toBe('hello Zoë\naside\n');
      expect(await mesh.agent.stop()).toBe(0);
      await until('the end of the supervisor', () => findSupervisor(mesh.agentHome) === undefined);
      expect(readdirSync(folder)).toEqual(['agent.mjs']);
    },
  );

  it('brings its supervisor: a run outlives a kill of the agent, and its result is the true one', async () => {
    await begin();
    const { id } = await mesh.askForRun('patient');
    await until('the first output', async () => (await mesh.getRun(id)).stdoutBytes > 0);
    const supervisor = findSupervisor(mesh.agentHome);
    mesh.agent.kill('SIGKILL');
    await mesh.agent.ended;
    await mesh.startAgent();
    expect(findSupervisor(mesh.agentHome)).toEqual(supervisor);
    mesh.touchInAgentHome('go');
    expect(await mesh.waitForState(id, 'failed')).toMatchObject({ executed: 'yes', exitCode: 7, truncated: false });
    expect(await mesh.output(id)).toBe('begun\nended\n');
    expect(mesh.startsOf('patient')).toBe(1);
  });

  it('starts its supervisor from its own text, with nothing of the settings around it', async () => {
    await begin();
    await until('the supervisor', () => findSupervisor(mesh.agentHome) !== undefined);
    const ofSupervisor = (file: string): readonly string[] =>
      readFileSync(`/proc/${findSupervisor(mesh.agentHome)?.pid}/${file}`, 'utf8')
        .split('\0')
        .filter(Boolean);
    expect(ofSupervisor('environ').toSorted()).toEqual(['LANG=C.UTF-8', 'PATH=/usr/bin:/bin']);
    expect(ofSupervisor('cmdline').at(-3)).toBe('-');
  });

  it('answers the calls of 0.2, whose bodies are JSON or text', async () => {
    await begin();
    const ask = (headers: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${mesh.agentUrl}/run-script`, {
        method: 'POST',
        headers: { 'x-api-key': readFileSync(join(mesh.agentHome, 'cfg/agent.key'), 'utf8').trim(), ...headers },
        body: '{"script_name":"hello"}',
      });
    expect((await ask({ 'x-api-key': 'wrong' })).status).toBe(401);
    expect(await (await ask({ 'content-type': 'application/json' })).text()).toContain('hello Zo');
    expect((await ask({ 'content-type': 'text/plain' })).status).toBe(422);
  });

  it('checks its settings, and ends with 78 when they are wrong', async () => {
    await begin();
    const check = new Program([join(folder, 'agent.mjs'), '--check'], { SCRIPT_MESH_HOME: mesh.agentHome }, folder);
    expect(await check.ended).toMatchObject({ code: 0 });
    expect(check.output.stdout).toContain('ok      hello');
    const wrong = new Program([join(folder, 'agent.mjs')], { SCRIPT_MESH_AGENT_PORT: 'x' }, folder);
    expect(await wrong.ended).toMatchObject({ code: 78 });
    expect(wrong.output.stderr).toContain('SCRIPT_MESH_AGENT_PORT');
  });
});

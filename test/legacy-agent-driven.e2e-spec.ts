/** A stand-in of the 0.2 agent, a real process, registered with and driven by our orchestrator. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mesh } from './support/mesh.js';
import { until, type Program } from './support/program.js';
import { startStandIn } from './support/stand-in.js';

const NAME = 'OLD1_ScriptMesh_Agent';
const SCRIPTS = {
  hello_world: 'echo "  Hello from ScriptMesh!  "\necho aside >&2\n',
  fail: 'echo "boom on stderr" >&2\nexit 3\n',
  shot: 'kill -9 $$\n',
  'hang-up': '',
  wait: 'while [ ! -e "$SCRIPTS/go" ]; do sleep 0.05; done\necho waited\n',
};

describe('a 0.2 agent behind our orchestrator', () => {
  const mesh = new Mesh();
  const folder = join(mesh.folder, 'old');
  let agent: Program;

  const startAgent = async (key = 'old-key') => {
    agent = startStandIn('agent-02', {
      SCRIPT_MESH_AGENT_KEY: key,
      SCRIPT_MESH_MAIN_KEY: mesh.mainKey,
      ORCHESTRATOR_URL: mesh.url,
      AGENT_NAME: NAME,
      SCRIPTS: folder,
    });
    await agent.ready();
  };
  const starts = (script: string) =>
    readFileSync(join(folder, 'starts'), 'utf8')
      .split('\n')
      .filter((line) => line === script).length;
  const run = async (script: string, wait = 30, fields: Record<string, unknown> = {}) => {
    const body = { agent: NAME, script, ...fields };
    return (await mesh.call('POST', '/api/v1/runs', body, { prefer: `wait=${wait}` })).json() as Promise<{
      id: string;
    }>;
  };
  const trigger = async (script: string) => {
    const answer = await mesh.call('POST', '/trigger-script', { run_script: script, agent: NAME });
    return { status: answer.status, text: await answer.text() };
  };

  beforeAll(async () => {
    mkdirSync(mesh.orchestratorHome, { recursive: true });
    mkdirSync(folder);
    writeFileSync(join(folder, 'starts'), '');
    for (const [name, text] of Object.entries(SCRIPTS)) writeFileSync(join(folder, `${name}.sh`), text);
    const scripts = [...Object.keys(SCRIPTS), 'gone'].map((name) => ({ name, path: `${name}.sh` }));
    writeFileSync(join(folder, 'script_manifest.json'), JSON.stringify({ scripts, version: '0.2 grüßt' }));
    await mesh.startOrchestrator({ SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS: '1' });
    await startAgent();
  });
  afterAll(async () => {
    await agent.stop();
    await mesh.orchestrator.stop();
  });

  it('is registered, swept and listed', async () => {
    await until('the answer to the registration', () => agent.output.stderr.endsWith('}\n'));
    expect(agent.output.stderr).toBe(`{"status":"registered","agent":"${NAME}"}\n`);
    await until('the first sweep', async () =>
      (await (await mesh.call('GET', '/agent-status')).text()).includes('"status":"online"'),
    );
    const shown = (await (await mesh.call('GET', `/api/v1/agents/${NAME}`)).json()) as unknown;
    expect(shown).toMatchObject({ name: NAME, liveness: 'online', transport: 'legacy' });
    await until('the manifest', async () => {
      const { items } = (await (await mesh.call('GET', `/api/v1/agents/${NAME}/scripts`)).json()) as {
        items: unknown[];
      };
      return items.length === 6;
    });
    const manifest = readFileSync(join(folder, 'script_manifest.json'), 'utf8');
    expect(await (await mesh.call('GET', `/get-scripts?agent=${NAME}`)).text()).toBe(manifest);
  });

  it('runs scripts through the API, output and all', async () => {
    expect(await run('hello_world')).toMatchObject({
      state: 'succeeded',
      executed: 'yes',
      exitCode: 0,
      stdout: 'Hello from ScriptMesh!',
      stderr: 'aside',
      truncated: false,
    });
    expect(await run('fail')).toMatchObject({
      state: 'failed',
      exitCode: 3,
      stderr: 'boom on stderr',
      truncated: true,
    });
    expect(await run('shot')).toMatchObject({ state: 'failed', exitCode: null, signal: 'SIGKILL', executed: 'yes' });
    expect(await run('nothing')).toMatchObject({
      state: 'rejected',
      executed: 'no',
      reason: expect.stringContaining('Script not found in manifest'),
    });
    expect(await run('gone')).toMatchObject({
      state: 'rejected',
      executed: 'no',
      reason: expect.stringContaining('Script file missing on disk'),
    });
    expect(await run('hello_world', 30, { params: { A: 'x' } })).toMatchObject({ state: 'rejected', executed: 'no' });
  });

  it('answers 0.2 callers with what the agent said, word for word', async () => {
    expect(await trigger('hello_world')).toEqual({
      status: 200,
      text: `{"status":"success","agent":"${NAME}","output":{"status":"success","script":"hello_world","output":{"stdout":"Hello from ScriptMesh!","stderr":"aside","returncode":0}}}`,
    });
    expect((await trigger('fail')).text).toBe(
      String.raw`{"detail":"Agent unreachable: 500: {\"error\":\"Script execution failed\",\"script\":\"fail\",\"stderr\":\"boom on stderr\",\"returncode\":3}"}`,
    );
    expect((await trigger('nothing')).text).toBe('{"detail":"Agent unreachable: 404: Script not found in manifest"}');
    expect((await trigger('gone')).text).toBe('{"detail":"Agent unreachable: 404: Script file missing on disk"}');
  });

  it('calls a run lost, unknown, when the connection breaks after the request, and never sends it again', async () => {
    expect(await run('hang-up')).toMatchObject({ state: 'lost', executed: 'unknown' });
    expect(starts('hang-up')).toBe(1);
    expect((await trigger('hang-up')).text).toMatch(/^\{"detail":"Agent unreachable: the outcome is not known: /);
    expect(starts('hang-up')).toBe(2);
  });

  it('ends a run as lost, unknown, when the orchestrator stops while it waits for the answer', async () => {
    const { id } = await run('wait', 0);
    await until('the start', () => starts('wait') === 1);
    await mesh.orchestrator.stop();
    await mesh.startOrchestrator({ SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS: '1' });
    expect(await mesh.getRun(id)).toMatchObject({ state: 'lost', executed: 'unknown' });
    writeFileSync(join(folder, 'go'), '');
    expect(await run('hello_world')).toMatchObject({ state: 'succeeded' });
    expect(starts('wait')).toBe(1);
  });

  it('says that the agent is down at once, keeps a run of the API until it is back, and runs that once', async () => {
    await agent.stop();
    expect((await trigger('hello_world')).text).toMatch(/^\{"detail":"Agent unreachable: .*ECONNREFUSED/);
    const before = starts('hello_world');
    const { id } = await run('hello_world', 0);
    await startAgent();
    expect(await mesh.waitForState(id, 'succeeded')).toMatchObject({ executed: 'yes' });
    expect(starts('hello_world')).toBe(before + 1);
  });

  it('tells in the words of 0.2 that the agent rejects the key', async () => {
    await agent.stop();
    const { port } = new URL(await agent.ready());
    const impostor = startStandIn('agent-02', {
      SCRIPT_MESH_AGENT_KEY: 'changed-on-the-node',
      SCRIPT_MESH_MAIN_KEY: mesh.mainKey,
      ORCHESTRATOR_URL: mesh.url,
      AGENT_NAME: NAME,
      SCRIPTS: folder,
      PORT: port,
    });
    await impostor.ready();
    await until('the refusal', () => impostor.output.stderr.includes('another key'));
    expect((await trigger('hello_world')).text).toBe(
      '{"detail":"Agent unreachable: 401: Unauthorized: Invalid or missing API key"}',
    );
    await until('the sweep', async () =>
      (await (await mesh.call('GET', '/agent-status')).text()).includes('"status":"error 401"'),
    );
    await impostor.stop();
  });
});

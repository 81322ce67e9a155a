/** docs/specs/legacy-wire.md, row by row: our agent as an orchestrator of 0.2 sees it, and a stand-in of that orchestrator driving it. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh, type TestScript } from './support/mesh.js';
import { startProgram, until, type Program } from './support/program.js';
import { startStandIn } from './support/stand-in.js';

const MAIN_KEY = 'main-key-of-the-old-orchestrator-0123456789';
const AGENT_KEY = 'agent-key-of-our-agent-behind-an-old-one-01';
const SCRIPTS: readonly TestScript[] = [
  { file: 'hello_world.sh', text: '#!/bin/sh\nprintf "\\n Grüße \\n"\n' },
  { file: 'fail.sh', text: '#!/bin/sh\necho lost\necho "boom on stderr" >&2\nexit 3\n' },
  { file: 'shot.sh', text: '#!/bin/sh\nkill -9 $$\n' },
  { file: 'vanished.sh', text: '#!/bin/sh\n' },
  { file: 'one.sh', text: '#!/bin/sh\necho x >> one.starts\nsleep 0.2\n', entry: { maxConcurrent: 1 } },
];

describe('our agent behind an orchestrator of 0.2', () => {
  const mesh = new Mesh();
  let old: Program;
  let oldUrl: string;
  let agent: Program;
  let agentUrl: string;

  beforeAll(async () => {
    mesh.writeScripts(SCRIPTS);
    rmSync(join(mesh.agentHome, 'scripts/vanished.sh'));
    old = startStandIn('orchestrator-02', { SCRIPT_MESH_MAIN_KEY: MAIN_KEY });
    oldUrl = await old.ready();
    agent = startProgram('agent', mesh.agentHome, {
      SCRIPT_MESH_AGENT_PORT: '0',
      SCRIPT_MESH_AGENT_NAME: AGENT_NAME,
      SCRIPT_MESH_MAIN_KEY: MAIN_KEY,
      SCRIPT_MESH_AGENT_KEY: AGENT_KEY,
      ORCHESTRATOR_URL: oldUrl,
    });
    agentUrl = await agent.ready();
    await until('the registration', async () =>
      (await (await callOld('GET', '/get-agents')).text()).includes(AGENT_NAME),
    );
  });
  afterAll(async () => {
    await agent.stop();
    await old.stop();
    rmSync(mesh.folder, { recursive: true, force: true });
  });

  const callOld = (method: string, path: string, body?: unknown) =>
    fetch(oldUrl + path, {
      method,
      headers: { 'x-api-key': MAIN_KEY },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const callAgent = async (method: string, path: string, body?: unknown, key = AGENT_KEY) => {
    const answer = await fetch(agentUrl + path, {
      method,
      headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };
  const json = (status: number, text: string) => ({ status, type: 'application/json', text });
  const runOnAgent = (script: string) => callAgent('POST', '/run-script', { script_name: script, unknown: 1 });
  const trigger = async (script: string) => {
    const answer = await callOld('POST', '/trigger-script', { run_script: script, agent: AGENT_NAME });
    return { status: answer.status, text: await answer.text() };
  };

  it('has registered over /register-agent with its name, address and key', async () => {
    expect(await (await callOld('GET', '/get-agents')).json()).toEqual({
      [AGENT_NAME]: { url: agentUrl, api_key: AGENT_KEY },
    });
  });

  it.each(['/heartbeat', '/get-scripts', '/nothing'])('answers 401 without its key on %s', async (path) => {
    expect(await callAgent('GET', path, undefined, 'wrong')).toEqual(
      json(401, '{"detail":"Unauthorized: Invalid or missing API key"}'),
    );
  });

  it('GET /heartbeat', async () => {
    const { text, ...rest } = await callAgent('GET', '/heartbeat');
    expect(rest).toEqual({ status: 200, type: 'application/json' });
    expect(text).toMatch(
      new RegExp(
        String.raw`^\{"status":"alive","timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00","agent":"${AGENT_NAME}","uptime":"\d+h \d+m"\}$`,
      ),
    );
    expect(hostname()).not.toBe('');
  });

  it('GET /get-scripts', async () => {
    const scripts = SCRIPTS.map(({ file, entry }) => ({ name: file.slice(0, -3), path: `scripts/${file}`, ...entry }));
    expect(await callAgent('GET', '/get-scripts')).toEqual(json(200, JSON.stringify({ scripts })));
  });

  it('POST /run-script', async () => {
    expect(await runOnAgent('hello_world')).toEqual(
      json(200, '{"status":"success","script":"hello_world","output":{"stdout":"Grüße","stderr":"","returncode":0}}'),
    );
    expect(await runOnAgent('fail')).toEqual(
      json(500, '{"error":"Script execution failed","script":"fail","stderr":"boom on stderr","returncode":3}'),
    );
    expect((await runOnAgent('shot')).text).toBe(
      '{"error":"Script execution failed","script":"shot","stderr":"","returncode":-9}',
    );
    expect(await runOnAgent('nothing')).toEqual(json(404, '{"detail":"Script not found in manifest"}'));
    expect(await runOnAgent('vanished')).toEqual(json(404, '{"detail":"Script file missing on disk"}'));
    expect(await callAgent('POST', '/run-script', {})).toEqual(
      json(422, '{"detail":[{"type":"missing","loc":["body","script_name"],"msg":"Field required","input":{}}]}'),
    );
    expect(await callAgent('POST', '/run-script', '{"script_name"')).toMatchObject({ status: 422 });
    expect(await callAgent('GET', '/run-script')).toEqual(json(405, '{"detail":"Method Not Allowed"}'));
  });

  it('tells with 405 which method the route has', async () => {
    const allowed = async (method: string, path: string) =>
      (await fetch(agentUrl + path, { method, headers: { 'x-api-key': AGENT_KEY } })).headers.get('allow');
    expect(await allowed('GET', '/run-script')).toBe('POST');
    expect(await allowed('POST', '/heartbeat')).toBe('GET, HEAD');
    expect(await allowed('DELETE', '/get-scripts')).toBe('GET, HEAD');
  });

  it.each<[string | undefined, string, number, string]>([
    [undefined, '{"script_name":"hello_world"}', 200, '"stdout":"Grüße"'],
    ['application/vnd.mesh+json', '{"script_name":"hello_world","constructor":1}', 200, '"stdout":"Grüße"'],
    ['application/x-www-form-urlencoded', '{"script_name":"x"}', 422, String.raw`"input":"{\"script_name\":\"x\"}"}`],
    ['application/json', 'null', 422, '{"type":"missing","loc":["body"],"msg":"Field required","input":null}'],
    ['application/json', '"x"', 422, '{"type":"model_attributes_type","loc":["body"]'],
  ])('POST /run-script with the content type %s and the body %s', async (type, body, status, text) => {
    const answer = await fetch(`${agentUrl}/run-script`, {
      method: 'POST',
      headers: { 'x-api-key': AGENT_KEY, ...(type === undefined ? {} : { 'content-type': type }) },
      // Bytes: of a text, fetch would name a content type.
      body: Buffer.from(body),
    });
    expect({ status: answer.status, text: await answer.text() }).toEqual({
      status,
      text: expect.stringContaining(text) as string,
    });
  });

  it('is driven by an orchestrator of 0.2', async () => {
    expect(await trigger('hello_world')).toEqual({
      status: 200,
      text: `{"status":"success","agent":"${AGENT_NAME}","output":{"status":"success","script":"hello_world","output":{"stdout":"Grüße","stderr":"","returncode":0}}}`,
    });
    expect((await trigger('fail')).text).toBe(
      String.raw`{"detail":"Agent unreachable: 500: {\"error\":\"Script execution failed\",\"script\":\"fail\",\"stderr\":\"boom on stderr\",\"returncode\":3}"}`,
    );
    expect((await trigger('nothing')).text).toBe('{"detail":"Agent unreachable: 404: Script not found in manifest"}');
  });

  it('keeps the limits of its manifest: who finds no slot waits for one', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => runOnAgent('one')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(mesh.startsOf('one')).toBe(5);
  });

  it('leaves nothing of a local run in its spool', () => {
    expect(readdirSync(join(mesh.agentHome, 'spool')).filter((name) => /^[0-9a-f-]{36}$/.test(name))).toEqual([]);
  });

  it('says when its manifest is gone or cannot be read', async () => {
    const file = join(mesh.agentHome, 'cfg/script_manifest.json');
    writeFileSync(file, '{"scripts": [');
    expect(await callAgent('GET', '/get-scripts')).toEqual(json(500, '{"error":"An internal error has occurred."}'));
    rmSync(file);
    expect(await callAgent('GET', '/get-scripts')).toEqual(json(404, '{"error":"Manifest file not found"}'));
  });
});

/** Registration over the 0.2 wire, and the order and shapes of the lists. No agent is behind the addresses. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mesh } from './support/mesh.js';

const KEY = 'short-key';

describe('registration over the 0.2 wire', () => {
  const mesh = new Mesh();
  beforeAll(async () => {
    mkdirSync(mesh.orchestratorHome, { recursive: true });
    await mesh.startOrchestrator();
  });
  afterAll(() => mesh.orchestrator.stop());

  const register = async (fields: Record<string, unknown>) => {
    const answer = await mesh.call('POST', '/register-agent', fields);
    return { status: answer.status, text: await answer.text() };
  };
  const list = async () => (await mesh.call('GET', '/get-agents')).text();

  it('takes an agent in, and the same again, with a key as short as 0.2 allows', async () => {
    const fields = { agent_name: 'ZETA_ScriptMesh_Agent', url: 'http://127.0.0.1:9', api_key: KEY, extra: true };
    const registered = { status: 200, text: '{"status":"registered","agent":"ZETA_ScriptMesh_Agent"}' };
    expect(await register(fields)).toEqual(registered);
    expect(await register(fields)).toEqual(registered);
  });

  it('refuses a known name with another key, and changes nothing', async () => {
    const before = await list();
    const { status, text } = await register({
      agent_name: 'ZETA_ScriptMesh_Agent',
      url: 'http://127.0.0.1:10',
      api_key: 'another-key',
    });
    expect(status).toBe(409);
    expect(JSON.parse(text)).toEqual({ detail: expect.stringContaining('another key') });
    expect(await list()).toBe(before);
  });

  it.each([
    ['agent_name', '../x'],
    ['agent_name', 'a b'],
    ['agent_name', '\ud800'],
    ['url', 'ftp://x'],
    ['url', 'http://169.254.169.254'],
    ['api_key', ''],
  ])('refuses %s = %j with a detail, and registers nothing', async (name, value) => {
    const before = await list();
    const fields = { agent_name: 'NEW_Agent', url: 'http://127.0.0.1:9', api_key: KEY, [name]: value };
    const { status, text } = await register(fields);
    expect([400, 422]).toContain(status);
    expect(JSON.parse(text)).toHaveProperty('detail');
    expect(await list()).toBe(before);
  });

  it('shows no key in the answer to a body that lacks a field', async () => {
    const { status, text } = await register({ agent_name: 'x', api_key: 'canary-0123456789' });
    expect(status).toBe(422);
    expect(text).toBe(
      '{"detail":[{"type":"missing","loc":["body","url"],"msg":"Field required","input":{"agent_name":"x","api_key":"***"}}]}',
    );
  });

  it('GET /read', async () => {
    const data = join(mesh.orchestratorHome, 'data');
    mkdirSync(join(data, 'sub'), { recursive: true });
    writeFileSync(join(data, 'sub', 'a.txt'), 'eins\r\nzwei\rdrei "ü"\n');
    writeFileSync(join(mesh.folder, 'secret'), 'canary');
    symlinkSync(join(mesh.folder, 'secret'), join(data, 'out'));
    const read = async (query: string) => {
      const answer = await mesh.call('GET', `/read${query}`);
      return [answer.status, await answer.text()];
    };
    expect(await read('?filename=sub/a.txt')).toEqual([200, '{"content":"eins\\nzwei\\ndrei \\"ü\\"\\n"}']);
    for (const path of ['../secret', '%2e%2e%2fsecret', '/etc/passwd', 'sub/../../secret', 'out', 'a%00b']) {
      expect([path, ...(await read(`?filename=${path}`))]).toEqual([path, 400, '{"detail":"Invalid file path"}']);
    }
    for (const path of ['nothing', 'sub', '']) {
      expect([path, ...(await read(`?filename=${path}`))]).toEqual([path, 404, '{"detail":"File not found"}']);
    }
    expect(await read('')).toEqual([
      422,
      '{"detail":[{"type":"missing","loc":["query","filename"],"msg":"Field required","input":null}]}',
    ]);
  });

  it('lists in the order of registration, also names that look like numbers', async () => {
    for (const name of ['20', 'ALPHA', '3'])
      await register({ agent_name: name, url: 'http://127.0.0.1:9', api_key: KEY });
    const names = [...(await list()).matchAll(/"([^"]+)":\{"url":"http:\/\/127.0.0.1:9","last_seen":"[^"]+"\}/g)];
    expect(names.map(([, name]) => name)).toEqual(['ZETA_ScriptMesh_Agent', '20', 'ALPHA', '3']);
    const status = await (await mesh.call('GET', '/agent-status')).text();
    expect(status).toContain('"status":"unknown","last_checked":null}');
  });
});

describe('an installation that never changed its keys', () => {
  const mesh = new Mesh();
  const env = { SCRIPT_MESH_MODE: 'development', SCRIPT_MESH_MAIN_KEY: 'CHANGEME' };
  beforeAll(async () => {
    mkdirSync(mesh.orchestratorHome, { recursive: true });
    await mesh.startOrchestrator(env);
  });
  afterAll(() => mesh.orchestrator.stop());

  it('goes on working in development mode: the key is built into the controller of 0.2', async () => {
    const call = (path: string, body?: unknown) =>
      fetch(mesh.url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'x-api-key': 'CHANGEME', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const fields = { agent_name: 'OLD', url: 'http://127.0.0.1:9', api_key: 'CHANGEME' };
    expect(await (await call('/register-agent', fields)).text()).toBe('{"status":"registered","agent":"OLD"}');
    expect(Object.keys((await (await call('/get-agents')).json()) as object)).toEqual(['OLD']);
    const trigger = await call('/trigger-script', { run_script: 'x', agent: 'OLD' });
    expect([trigger.status, await trigger.text()]).toEqual([500, expect.stringContaining('Agent unreachable: ')]);
  });
});

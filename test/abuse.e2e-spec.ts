import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunResource } from '@scriptmesh/contracts';
import { AGENT_NAME, Mesh, type TestScript } from './support/mesh.js';
import { until } from './support/program.js';

const CANARY = 'canary-3f9b2c7d1e5a4068-canary-key-value';
const AT_ONCE = 1000;
const LIMIT = 4;
const SCRIPTS: readonly TestScript[] = [
  { file: 'hello.sh', text: '#!/bin/sh\necho hello\n' },
  {
    file: 'limited.sh',
    // One write of one line each: appends of this size do not mix.
    text: '#!/bin/sh\nlog="$(dirname "$0")/../limited.log"\necho "+ $SM_RUN_ID" >> "$log"\nsleep 0.03\necho "- $SM_RUN_ID" >> "$log"\n',
    entry: { maxConcurrent: LIMIT },
  },
  { file: 'secrets.sh', text: '#!/bin/sh\ntr "\\0" "\\n" < /proc/self/environ\nls /proc/self/fd\n' },
  { file: 'binary.sh', text: '#!/bin/sh\nprintf "\\377\\000\\303"; printf "\\251\\n"; head -c 300000 /dev/zero\n' },
];

describe('abuse of whole programs', () => {
  const mesh = new Mesh();
  beforeAll(() => mesh.start(SCRIPTS));
  afterAll(() => mesh.stop());
  afterEach(async () => {
    expect((await fetch(`${mesh.url}/livez`)).status).toBe(200);
    expect((await fetch(`${mesh.agentUrl}/livez`)).status).toBe(200);
  });

  it('shows a key that was sent in header, query, cookie and body nowhere (A4, A9)', async () => {
    const path = `/api/v1/runs?key=${CANARY}&api_key=${CANARY}`;
    const wrong = await fetch(`${mesh.url}${path}`, {
      headers: { 'x-api-key': CANARY, cookie: `x-api-key=${CANARY}` },
    });
    expect(wrong.status).toBe(401);
    const onlyQuery = await fetch(`${mesh.url}/api/v1/runs?x-api-key=${mesh.mainKey}`);
    expect(onlyQuery.status).toBe(401);
    const body = await mesh.call('POST', '/api/v1/agents', { name: 'x', key: CANARY, url: 7 });
    const answers = [await wrong.text(), await onlyQuery.text(), await body.text()];
    const audit = await (await mesh.call('GET', '/api/v1/audit')).text();
    const said = [...Object.values(mesh.orchestrator.output), ...Object.values(mesh.agent.output)];
    for (const text of [...answers, audit, ...said]) {
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain(mesh.mainKey);
    }
    for (const file of filesBelow(mesh.orchestratorHome)) {
      expect(readFileSync(file).includes(CANARY), file).toBe(false);
      if (!file.endsWith('main.key')) expect(readFileSync(file).includes(mesh.mainKey), file).toBe(false);
    }
  });

  it('gives a script neither the keys of the agent nor a descriptor beyond 0, 1 and 2 (D3, F2)', async () => {
    const run = await mesh.askForRun('secrets', {}, { prefer: 'wait=30' });
    const agentKey = readFileSync(join(mesh.agentHome, 'cfg/agent.key'), 'utf8').trim();
    expect(run.state).toBe('succeeded');
    expect(run.stdout).not.toContain(agentKey);
    expect(run.stdout).not.toContain(mesh.mainKey);
    expect(run.stdout).toContain(`SM_RUN_ID=${run.id}`);
    const names = [...(run.stdout as string).matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1] as string);
    expect(
      names.filter((name) => !/^(SM_RUN_ID|SM_AGENT|SM_SCRIPT|PATH|HOME|LANG|TZ|PWD|_|OLDPWD|SHLVL)$/.test(name)),
    ).toEqual([]);
  });

  it('stores the bytes of a script as they are (E1)', async () => {
    const run = await mesh.askForRun('binary', {}, { prefer: 'wait=30' });
    const bytes = Buffer.from(
      await (await mesh.call('GET', `/api/v1/runs/${run.id}/output?stream=stdout`)).arrayBuffer(),
    );
    expect(bytes.subarray(0, 5)).toEqual(Buffer.from([0xff, 0x00, 0xc3, 0xa9, 0x0a]));
    expect(bytes.length).toBe(5 + 300_000);
    expect(run).toMatchObject({ stdoutBytes: 5 + 300_000, truncated: false });
    const rest = Buffer.from(
      await (await mesh.call('GET', `/api/v1/runs/${run.id}/output?stream=stdout&offset=300000`)).arrayBuffer(),
    );
    expect(rest.length).toBe(5);
  });

  it(`keeps maxConcurrent with ${AT_ONCE} starts at once and loses none (F5)`, { timeout: 180_000 }, async () => {
    const asked: RunResource[] = [];
    for (let done = 0; done < AT_ONCE; done += 100) {
      asked.push(...(await Promise.all(Array.from({ length: 100 }, () => mesh.askForRun('limited')))));
    }
    const log = join(mesh.agentHome, 'limited.log');
    const lines = () => (statSync(log, { throwIfNoEntry: false }) ? readFileSync(log, 'utf8').trim().split('\n') : []);
    await until('all runs', () => lines().length >= 2 * AT_ONCE, 150_000);
    await mesh.waitForState((asked.at(-1) as RunResource).id, 'succeeded');
    await until('an empty queue', async () => {
      const page = (await (await mesh.call('GET', '/api/v1/runs?state=running')).json()) as { items: unknown[] };
      return page.items.length === 0;
    });

    const starts = lines().filter((line) => line.startsWith('+ '));
    expect(new Set(starts).size).toBe(AT_ONCE);
    expect(starts.length).toBe(AT_ONCE);
    let now = 0;
    let most = 0;
    for (const line of lines()) most = Math.max(most, (now += line.startsWith('+') ? 1 : -1));
    expect(most).toBeLessThanOrEqual(LIMIT);
    expect(most).toBeGreaterThan(1);
  });

  it.each([
    [
      'a body over 1 MB',
      () => mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: 'x'.repeat(1_200_000) }),
      [413],
    ],
    ['200 000 levels of JSON', () => rawPost(mesh, '['.repeat(200_000)), [400]],
    ['text on a JSON route', () => rawPost(mesh, 'agent=a', 'text/plain'), [415]],
    ['broken JSON', () => rawPost(mesh, '{"agent":'), [400]],
    [
      'a script asked for by path',
      () => mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: 'scripts/hello.sh' }),
      [400],
    ],
    ['a script asked for by number', () => mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: 7 }), [400]],
    [
      'a script asked for by array',
      () => mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: ['hello'] }),
      [400],
    ],
    [
      'a script called __proto__',
      () => mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: '__proto__' }),
      [400, 404],
    ],
    [
      'a script called toString',
      () => mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: 'toString' }),
      [404],
    ],
    ['limit=-1', () => mesh.call('GET', '/api/v1/runs?limit=-1'), [400]],
    ['limit=1e9', () => mesh.call('GET', '/api/v1/runs?limit=1e9'), [400]],
    ['limit twice', () => mesh.call('GET', '/api/v1/runs?limit=1&limit=2'), [400]],
    ['limit[]', () => mesh.call('GET', '/api/v1/runs?limit[]=1'), [400]],
  ])('refuses %s with a problem that tells nothing of its inside', async (_what, ask, statuses) => {
    const answer = await ask();
    const text = await answer.text();
    expect(statuses, text).toContain(answer.status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(text)).toMatchObject({
      status: answer.status,
      hint: expect.any(String),
      requestId: expect.any(String),
    });
    expect(text).not.toMatch(/node_modules|\.js:|SELECT|at .*\(/);
  });

  it('cools bad keys of one address down, whatever X-Forwarded-For says, and lets good ones through (A5, H3)', async () => {
    const answers: Response[] = [];
    for (let n = 0; n < 25; n += 1) {
      const headers = { 'x-api-key': `bad-key-${n}`, 'x-forwarded-for': `10.0.0.${n}` };
      answers.push(await fetch(`${mesh.url}/api/v1/runs`, { headers }));
    }
    const last = answers.at(-1) as Response;
    expect(answers.slice(0, 15).every(({ status }) => status === 401)).toBe(true);
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await mesh.call('GET', '/api/v1/runs')).status).toBe(200);
  });

  it('builds no link from the header Host (H3)', async () => {
    const text = `POST /api/v1/runs HTTP/1.1\r\nhost: evil.example\r\nx-api-key: ${mesh.mainKey}\r\nconnection: close\r\n`;
    const body = JSON.stringify({ agent: AGENT_NAME, script: 'hello' });
    const answer = await rawRequest(
      mesh,
      `${text}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
    expect(answer).toMatch(/location: \/api\/v1\/runs\//i);
    expect(answer).not.toContain('evil.example');
  });

  it('refuses 10 000 headers and goes on (H1)', async () => {
    const answer = await rawRequest(mesh, `GET /livez HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });
});

function rawPost(mesh: Mesh, body: string, type = 'application/json'): Promise<Response> {
  return fetch(`${mesh.url}/api/v1/runs`, {
    method: 'POST',
    headers: { 'x-api-key': mesh.mainKey, 'content-type': type },
    body,
  });
}

function rawRequest(mesh: Mesh, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(mesh.url).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => {
      answer += data.toString();
      socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer ? resolve(answer) : reject(error)));
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

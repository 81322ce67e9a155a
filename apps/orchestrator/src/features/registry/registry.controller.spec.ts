import type { AgentResource, Page } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { TEST_MAIN_KEY } from '../../test-support/surroundings.js';
import { AccessModule } from '../access/index.js';
import { AuditModule } from '../audit/index.js';
import { AgentDirectory } from './index.js';
import { RegistryModule } from './registry.module.js';

const KEY = 'an-agent-key-for-tests-of-32-chars';
const OTHER_KEY = 'another-key-for-tests-of-32-chars!';

describe('/api/v1/agents', () => {
  let db: Database;
  let edge: EdgeApp;
  beforeEach(async () => {
    db = await openTestDatabase();
    edge = await startEdgeApp(db, [AuditModule, AccessModule, RegistryModule]);
  });
  afterEach(async () => {
    await edge.app.close();
    await closeTestDatabase(db);
  });

  const register = (fields: Record<string, unknown> = {}, key?: string) =>
    edge.call(
      'POST',
      '/api/v1/agents',
      { name: 'db-1', url: 'http://10.0.0.1:5001/', key: KEY, transport: 'http', facts: { os: 'linux' }, ...fields },
      key === undefined ? {} : { 'x-api-key': key },
    );
  const audited = async () =>
    (await db.read.selectFrom('audit').select(['action', 'principal']).orderBy('seq').execute()).map(
      ({ action, principal }) => `${action} by ${principal}`,
    );

  it('registers, shows, lists, labels and removes an agent', async () => {
    const created = await register({ labels: { site: 'north' } });
    const agent = (await created.json()) as AgentResource;
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/v1/agents/${agent.id}`);
    expect(agent).toEqual({
      id: expect.any(String),
      name: 'db-1',
      url: 'http://10.0.0.1:5001',
      transport: 'http',
      labels: { site: 'north' },
      facts: { os: 'linux' },
      liveness: 'unknown',
      registeredAt: '2026-01-01T00:00:00.000Z',
      lastSeenAt: null,
      freeSlots: null,
    });
    for (const name of ['db-1', agent.id])
      expect(await (await edge.call('GET', `/api/v1/agents/${name}`)).json()).toEqual(agent);
    const page = (await (await edge.call('GET', '/api/v1/agents')).json()) as Page<AgentResource>;
    expect(page).toEqual({ items: [agent], next: null });
    const labelled = await edge.call('PATCH', '/api/v1/agents/db-1', { labels: { role: 'db', site: null } });
    expect(((await labelled.json()) as AgentResource).labels).toEqual({ role: 'db' });
    expect((await edge.call('DELETE', '/api/v1/agents/db-1')).status).toBe(204);
    expect((await edge.call('GET', '/api/v1/agents/db-1')).status).toBe(404);
    expect(await audited()).toEqual(
      ['agent.registered', 'agent.labelled', 'agent.removed'].map((action) => `${action} by operator:main`),
    );
  });

  it('lets an agent register itself again with its own key, and nobody else (B1)', async () => {
    const { id } = (await (await register()).json()) as AgentResource;
    expect((await register({ url: 'http://10.0.0.2:5001' }, KEY)).status).toBe(200);
    const stolen = await register({ key: OTHER_KEY, url: 'http://10.0.0.9:1' });
    expect(stolen.status).toBe(409);
    expect(stolen.headers.get('content-type')).toContain('application/problem+json');
    expect(((await (await edge.call('GET', '/api/v1/agents/db-1')).json()) as AgentResource).url).toBe(
      'http://10.0.0.2:5001',
    );
    expect((await register({ name: 'db-2' }, KEY)).status).toBe(403);
    expect((await register({ name: 'db-2', key: OTHER_KEY }, OTHER_KEY)).status).toBe(401);
    expect(await audited()).toEqual([
      'agent.registered by operator:main',
      `agent.registered by agent:${id}`,
      'agent.refused by operator:main',
      `agent.refused by agent:${id}`,
    ]);
  });

  it('gives a name that is registered anew another id, and its old key is worth nothing (B4)', async () => {
    const first = (await (await register()).json()) as AgentResource;
    await edge.call('DELETE', `/api/v1/agents/${first.id}`);
    expect((await register({}, KEY)).status).toBe(401);
    const second = (await (await register({ key: OTHER_KEY })).json()) as AgentResource;
    expect(second.id).not.toBe(first.id);
    expect((await edge.call('GET', `/api/v1/agents/${first.id}`)).status).toBe(404);
  });

  it('keeps agents off the routes of operators (A8), and audits each try once', async () => {
    const { id } = (await (await register()).json()) as AgentResource;
    const asAgent = { 'x-api-key': KEY };
    for (const [method, path] of [
      ['GET', '/api/v1/agents'],
      ['GET', `/api/v1/agents/${id}`],
      ['DELETE', `/api/v1/agents/${id}`],
      ['GET', '/api/v1/audit'],
    ] as const) {
      expect((await edge.call(method, path, undefined, asAgent)).status).toBe(403);
    }
    expect(await audited()).toEqual([
      'agent.registered by operator:main',
      ...Array.from({ length: 4 }, () => `access.refused by agent:${id}`),
    ]);
  });

  it.each([
    'ftp://10.0.0.1',
    'http://user:pw@10.0.0.1',
    'http://10.0.0.1/#x',
    'http://10.0.0.1/\r\nx: y',
    `http://10.0.0.1/${'x'.repeat(2048)}`,
    'http://169.254.169.254',
    'http://[::ffff:169.254.169.254]/',
    'http://[fd00:ec2::254]',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    7,
    {},
  ])('refuses the address %j (B5)', async (url) => {
    const answer = await register({ url });
    expect(answer.status, await answer.text()).toBe(400);
    expect(await edge.app.get(AgentDirectory).listAgents()).toEqual([]);
  });

  it.each([
    '..',
    'a/b',
    '*',
    '>',
    '',
    ' ',
    'a b',
    'a\u0000',
    'a\nb',
    '\ud800',
    'x'.repeat(300),
    '__proto__',
    'constructor',
    7,
    null,
    ['a'],
    { $ne: 1 },
  ])('refuses the name %j (B8)', async (name) => {
    const answer = await register({ name });
    expect(answer.status, await answer.text()).toBe(400);
  });

  it('refuses a case twin, and takes the names that 0.2 gave (B8)', async () => {
    expect((await register({ name: 'SERVER1_ScriptMesh_Agent' })).status).toBe(201);
    expect((await register({ name: 'server1_scriptmesh_agent' })).status).toBe(400);
    expect((await register({ name: '019b7600-0000-7000-8000-0000000000a1' })).status).toBe(400);
  });

  it.each([
    ['a short key', { key: 'short' }],
    ['a key with blanks', { key: `${KEY} x` }],
    ['no key', { key: undefined }],
    ['the main key as its own', { key: TEST_MAIN_KEY }],
    ['a transport that is not switched on', { transport: 'pigeon' }],
    ['labels that are no texts', { labels: { site: 7 } }],
    ['too many labels', { labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, 'x'])) }],
    ['facts that are a list', { facts: [] }],
    ['facts without end', { facts: { text: 'x'.repeat(20_000) } }],
    ['a field that nobody knows', { admin: true }],
  ])('answers 422 to %s, and tells the field and not its value', async (_what, fields) => {
    const answer = await register(fields);
    const problem = (await answer.json()) as { errors: { path: string }[] };
    expect(answer.status).toBe(422);
    expect(problem.errors[0]?.path).toBe(Object.keys(fields)[0]);
    expect(JSON.stringify(problem)).not.toContain(KEY);
  });

  it('takes SQL in every text as text (I6)', async () => {
    const evil = `'; drop table agents; -- %_"`;
    expect((await register({ facts: { note: evil }, labels: { site: evil } })).status).toBe(201);
    for (const name of [`x' or '1'='1`, '%', '_', 'a%00b'])
      expect((await edge.call('GET', `/api/v1/agents/${encodeURIComponent(name)}`)).status).toBe(404);
    expect((await edge.call('GET', '/api/v1/agents/a%00b')).status).toBe(400);
    expect((await edge.call('GET', '/api/v1/agents/%ff')).status).toBe(400);
  });

  it('goes through a long list page by page, in the order of names', async () => {
    for (const name of ['c', 'a', 'B']) await register({ name, key: `${KEY}-${name}` });
    const names: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page<AgentResource> = (await (
        await edge.call('GET', `/api/v1/agents?limit=1${cursor && `&cursor=${cursor}`}`)
      ).json()) as Page<AgentResource>;
      names.push(...page.items.map(({ name }) => name));
      cursor = page.next;
    }
    expect(names).toEqual(['a', 'B', 'c']);
  });

  it('shows the audit newest first, page by page, and no key in it', async () => {
    await register();
    await register({ key: OTHER_KEY });
    const first = (await (await edge.call('GET', '/api/v1/audit?limit=1')).json()) as Page<{
      action: string;
      requestId: string;
    }>;
    expect(first.items).toMatchObject([{ action: 'agent.refused', requestId: expect.any(String) }]);
    const second = await (await edge.call('GET', `/api/v1/audit?limit=1&cursor=${first.next}`)).text();
    expect(second).toContain('agent.registered');
    expect(JSON.stringify(first) + second).not.toContain(KEY);
    expect((await edge.call('GET', '/api/v1/audit?cursor=eA')).status).toBe(400);
  });
});

import type { CatalogueScriptResource, Page, ScriptResource } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { AccessModule } from '../access/index.js';
import { AuditModule } from '../audit/index.js';
import { AgentDirectory } from '../registry/index.js';
import { CatalogueModule, ScriptCatalogue } from './index.js';

const script = (name: string, overrides: Partial<ScriptResource> = {}): ScriptResource => ({
  name,
  path: `scripts/${name}.sh`,
  description: null,
  interpreter: null,
  timeoutSeconds: null,
  maxConcurrent: null,
  idempotent: false,
  problem: null,
  ...overrides,
});

describe('the catalogue', () => {
  let db: Database;
  let edge: EdgeApp;
  beforeEach(async () => {
    db = await openTestDatabase();
    edge = await startEdgeApp(db, [AuditModule, AccessModule, CatalogueModule]);
    await addAgent('b', [script('hello', { description: 'Says hello' }), script('backup')], []);
    await addAgent('a', [script('hello')], ['scripts[1].path: must not be absolute']);
    await addAgent('new');
  });
  afterEach(async () => {
    await edge.app.close();
    await closeTestDatabase(db);
  });

  async function addAgent(
    name: string,
    scripts?: readonly ScriptResource[],
    faults: readonly string[] = [],
  ): Promise<void> {
    await edge.call('POST', '/api/v1/agents', {
      name,
      key: `the-key-of-agent-${name}-of-32-characters`,
      transport: 'http',
    });
    if (!scripts) return;
    const values = { manifest_sha: 'a'.repeat(64), manifest: JSON.stringify({ scripts, faults }) };
    await db.write((trx) => trx.updateTable('agents').set(values).where('name', '=', name).execute());
  }
  const get = async <T>(path: string) => (await (await edge.call('GET', path)).json()) as Page<T>;

  it("shows an agent's scripts in the order of its manifest, with the faults of that file", async () => {
    expect(await get('/api/v1/agents/b/scripts')).toEqual({
      items: [script('hello', { description: 'Says hello' }), script('backup')],
      next: null,
      manifestFaults: [],
    });
    expect(await get('/api/v1/agents/a/scripts')).toMatchObject({
      manifestFaults: ['scripts[1].path: must not be absolute'],
    });
    expect(await get('/api/v1/agents/new/scripts')).toMatchObject({ items: [], next: null });
    expect((await edge.call('GET', '/api/v1/agents/nobody/scripts')).status).toBe(404);
  });

  it('shows every script once, with all agents that list it', async () => {
    expect((await get<CatalogueScriptResource>('/api/v1/scripts')).items).toEqual([
      { name: 'backup', description: null, agents: ['b'] },
      { name: 'hello', description: null, agents: ['a', 'b'] },
    ]);
  });

  it('goes on where a page ended, also when the script there is gone', async () => {
    const first = await get<ScriptResource>('/api/v1/agents/b/scripts?limit=1');
    expect(first.items.map(({ name }) => name)).toEqual(['hello']);
    const second = await get<ScriptResource>(`/api/v1/agents/b/scripts?limit=1&cursor=${first.next}`);
    expect([second.items.map(({ name }) => name), second.next]).toEqual([['backup'], null]);
    expect(await get(`/api/v1/agents/new/scripts?cursor=${first.next}`)).toMatchObject({ items: [], next: null });
  });

  it('finds a script of an agent for those who ask before a run', async () => {
    const catalogue = edge.app.get(ScriptCatalogue);
    const agents = edge.app.get(AgentDirectory);
    const b = await agents.getAgent('b');
    for (const name of ['backup', 'hello', 'backup']) expect(await catalogue.hasScript(b, name)).toBe(true);
    for (const name of ['nothing', '__proto__', 'toString']) expect(await catalogue.hasScript(b, name)).toBe(false);
  });

  it('knows a script that was not listed when it was last asked', async () => {
    const catalogue = edge.app.get(ScriptCatalogue);
    const b = await edge.app.get(AgentDirectory).getAgent('b');
    expect(await catalogue.hasScript(b, 'later')).toBe(false);
    const report = { scripts: [{ name: 'later' }], faults: [] };
    await db.write((trx) =>
      trx
        .updateTable('agents')
        .set({ manifest: JSON.stringify(report) })
        .where('id', '=', b.id)
        .execute(),
    );
    expect(await catalogue.hasScript(b, 'later')).toBe(true);
  });
});

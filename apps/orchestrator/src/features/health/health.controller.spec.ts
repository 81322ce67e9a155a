import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { AccessModule } from '../access/index.js';
import { AuditModule } from '../audit/index.js';
import { HealthModule } from './health.module.js';
import { HealthService } from './health.service.js';

describe('health', () => {
  let db: Database;
  let edge: EdgeApp;
  beforeEach(async () => {
    db = await openTestDatabase();
    edge = await startEdgeApp(db, [AuditModule, AccessModule, HealthModule]);
  });
  afterEach(async () => {
    await edge.app.close();
    await closeTestDatabase(db);
  });

  it('lives, and is ready until it stops', async () => {
    expect(await (await fetch(`${edge.url}/livez`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${edge.url}/readyz`)).status).toBe(200);
    edge.app.get(HealthService).beforeApplicationShutdown();
    const stopping = await fetch(`${edge.url}/readyz`);
    expect([stopping.status, stopping.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await (await fetch(`${edge.url}/livez`)).text()).toBe('{"status":"ok"}');
  });

  it('is not ready when the store is gone, and says nothing of its inside', async () => {
    await db.close();
    const answer = await fetch(`${edge.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toMatch(/sqlite|node_modules|select/i);
  });

  it('counts agents and runs', async () => {
    await edge.call('POST', '/api/v1/agents', {
      name: 'a',
      key: 'the-key-of-agent-a-of-32-characters',
      transport: 'http',
    });
    expect(await (await edge.call('GET', '/api/v1/status')).json()).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      startedAt: '2026-01-01T00:00:00.000Z',
      agents: { online: 0, suspect: 0, offline: 0, unknown: 1 },
      runs: {},
    });
  });
});

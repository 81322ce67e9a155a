/** Bodies of the 0.2 routes, through the real edge. No agent is registered, so a body that is understood is 400. */
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessModule } from '../features/access/index.js';
import { DispatchModule } from '../features/dispatch/index.js';
import { HeartbeatModule } from '../features/heartbeat/index.js';
import { LegacyModule } from '../features/legacy/index.js';
import { LinksModule } from '../features/links/index.js';
import { RegistryModule } from '../features/registry/index.js';
import { RunsModule } from '../features/runs/index.js';
import { startEdgeApp, type EdgeApp } from '../test-support/edge-app.js';
import { TEST_MAIN_KEY } from '../test-support/surroundings.js';

const FEATURES = [AccessModule, RegistryModule, LinksModule, HeartbeatModule, RunsModule, DispatchModule, LegacyModule];
const UNDERSTOOD = '{"detail":"Invalid agent specified"}';
const NO_OBJECT = '"type":"model_attributes_type","loc":["body"]';
const BODY = '{"script":"s","agent":"a"}';

describe('bodies of the 0.2 routes', () => {
  let db: Database;
  let edge: EdgeApp;
  beforeAll(async () => {
    db = await openTestDatabase();
    edge = await startEdgeApp(db, FEATURES);
  });
  afterAll(async () => {
    await edge.app.close();
    await closeTestDatabase(db);
  });

  const post = async (path: string, body: string, type?: string) => {
    const answer = await fetch(edge.url + path, {
      method: 'POST',
      headers: { 'x-api-key': TEST_MAIN_KEY, ...(type === undefined ? {} : { 'content-type': type }) },
      // Bytes: of a text, fetch would name a content type.
      body: Buffer.from(body),
    });
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };

  it.each<[string | undefined, string, number, string]>([
    [undefined, BODY, 400, UNDERSTOOD],
    ['application/json', BODY, 400, UNDERSTOOD],
    ['application/vnd.mesh+json', BODY, 400, UNDERSTOOD],
    ['application/json; charset=latin-1', BODY, 400, UNDERSTOOD],
    ['application/json', '{"script":"s","agent":"a","constructor":{"__proto__":1}}', 400, UNDERSTOOD],
    ['application/json', 'null', 422, '{"type":"missing","loc":["body"],"msg":"Field required","input":null}'],
    ['application/json', '{"script":', 422, '"type":"json_invalid"'],
    ['application/x-www-form-urlencoded', BODY, 422, NO_OBJECT],
    ['text/plain', BODY, 422, NO_OBJECT],
  ])('POST /trigger-script with the content type %s and the body %s', async (type, body, status, text) => {
    expect(await post('/trigger-script', body, type)).toEqual({
      status,
      type: 'application/json',
      text: expect.stringContaining(text) as string,
    });
  });

  it('shows no key of a body that is no object', async () => {
    for (const type of ['text/plain', 'application/json']) {
      const { status, text } = await post('/register-agent', '"canary-0123456789"', type);
      expect(status).toBe(422);
      expect(text).not.toContain('canary');
    }
  });
});

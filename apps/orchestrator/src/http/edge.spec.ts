import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessModule } from '../features/access/index.js';
import { AuditModule } from '../features/audit/index.js';
import { CatalogueModule } from '../features/catalogue/index.js';
import { DispatchModule } from '../features/dispatch/index.js';
import { FilesModule } from '../features/files/index.js';
import { HealthModule } from '../features/health/index.js';
import { HeartbeatModule } from '../features/heartbeat/index.js';
import { LegacyModule } from '../features/legacy/index.js';
import { LinksModule } from '../features/links/index.js';
import { LogsModule } from '../features/logs/index.js';
import { RegistryModule } from '../features/registry/index.js';
import { RunsModule } from '../features/runs/index.js';
import { startEdgeApp, type EdgeApp } from '../test-support/edge-app.js';
import { TEST_MAIN_KEY } from '../test-support/surroundings.js';

const FEATURES = [
  AuditModule,
  AccessModule,
  RegistryModule,
  LinksModule,
  HeartbeatModule,
  CatalogueModule,
  RunsModule,
  DispatchModule,
  FilesModule,
  LogsModule,
  LegacyModule,
  HealthModule,
];
const OPEN = ['/', '/docs', '/docs/', '/openapi.json', '/livez', '/readyz'];
const CANARY = 'canary-3f9b2c7d1e5a4068-canary-key-value';

interface RouterLayer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

describe('the HTTP edge', () => {
  let db: Database;
  let edge: EdgeApp;
  beforeAll(async () => {
    db = await openTestDatabase();
    edge = await startEdgeApp(db, FEATURES, { badKeysPerMinute: 100_000 });
  });
  afterAll(async () => {
    await edge.app.close();
    await closeTestDatabase(db);
  });

  /** Without any key unless one is given. */
  const bare = (method: string, path: string, headers: Record<string, string> = {}) =>
    fetch(edge.url + path, { method, headers });
  const raw = (text: string) => rawRequest(edge.url, text);

  it('answers 401 without a key on every route that is registered, but the open ones (A1)', async () => {
    const { stack } = edge.app.getHttpAdapter().getInstance().router as unknown as { stack: readonly RouterLayer[] };
    const routes = stack.flatMap(({ route }) =>
      route ? Object.keys(route.methods).map((method) => [method.toUpperCase(), route.path] as const) : [],
    );
    const open = routes.filter(([, path]) => OPEN.includes(path) || /^\/docs\/[^/]+$/.test(path));
    expect(routes.length - open.length).toBeGreaterThan(8);
    for (const [method, path] of routes) {
      const answer = await bare(method, path.replace(/:\w+/g, 'x'));
      const isOpen = open.some(([, one]) => one === path);
      expect(answer.status === 401, `${method} ${path}: ${answer.status}`).toBe(!isOpen);
    }
  });

  it.each(['/nowhere', '/api/v1/nowhere', '/api', '/health', '/docs/a/b'])(
    'answers 401 without a key on %s, which is no route',
    async (path) => {
      expect((await bare('GET', path)).status).toBe(401);
    },
  );

  it('has one body for all 401 of the API, and the 0.2 body elsewhere (A2)', async () => {
    const shape = async (key?: string) => {
      const answer = await bare('GET', '/api/v1/agents', key === undefined ? {} : { 'x-api-key': key });
      const { requestId: _requestId, ...rest } = (await answer.json()) as Record<string, unknown>;
      return { status: answer.status, type: answer.headers.get('content-type'), ...rest };
    };
    const none = await shape();
    expect(none).toMatchObject({ status: 401, code: 'auth/unauthorized', type: expect.anything() });
    for (const key of ['', ' ', 'x', 'x'.repeat(8000), TEST_MAIN_KEY.slice(1)]) expect(await shape(key)).toEqual(none);
    const legacy = await bare('GET', '/get-agents');
    expect([legacy.status, await legacy.text(), legacy.headers.get('content-type')]).toEqual([
      401,
      '{"detail":"Unauthorized"}',
      'application/json',
    ]);
  });

  it('refuses two keys even if both are right (A3)', async () => {
    const answer = await raw(
      `GET /api/v1/agents HTTP/1.1\r\nhost: x\r\nx-api-key: ${TEST_MAIN_KEY}\r\nx-api-key: ${TEST_MAIN_KEY}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain('auth/ambiguous-key');
  });

  it('takes a key from the header alone, and logs none from elsewhere (A4, A9)', async () => {
    const before = edge.log.lines.length;
    const answer = await fetch(`${edge.url}/api/v1/agents/${CANARY}?x-api-key=${TEST_MAIN_KEY}&key=${CANARY}`, {
      method: 'PATCH',
      headers: { cookie: `x-api-key=${TEST_MAIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ 'x-api-key': TEST_MAIN_KEY }),
    });
    expect(answer.status).toBe(401);
    await edge.call('GET', `/nowhere/${CANARY}?key=${CANARY}`);
    await edge.call('POST', '/api/v1/agents', { name: 'x', key: CANARY, url: 7 });
    const said = JSON.stringify(edge.log.lines.slice(before));
    expect(said).toContain('http.request');
    expect(said).not.toContain(CANARY);
    expect(said).not.toContain(TEST_MAIN_KEY);
  });

  it.each([
    '/livez/',
    '//livez',
    '/LIVEZ',
    '/livez;x=1',
    '/%6civez',
    '/./livez',
    '/docs/%2e%2e/api/v1/agents',
    '/docs/..%2fapi/v1/agents',
    '/api/v1/agents/',
    '//api/v1/agents',
    '/API/v1/agents',
    '/api/v1/%61gents',
  ])('wants a key for %s and serves nothing there even with one (A10)', async (path) => {
    const line = (key: string) => raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${key}\r\n`);
    expect(await line('')).toMatch(/^HTTP\/1\.1 401 /);
    expect(await line(`x-api-key: ${TEST_MAIN_KEY}\r\n`)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('is not led elsewhere by headers (A10)', async () => {
    for (const name of ['x-http-method-override', 'x-method-override', 'x-original-url', 'x-rewrite-url']) {
      expect((await bare('GET', '/api/v1/agents', { [name]: '/livez' })).status).toBe(401);
      expect((await bare('GET', '/livez', { [name]: 'DELETE' })).status).toBe(200);
    }
  });

  it('wants a key for other methods of open paths', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await bare(method, '/livez')).status).toBe(401);
  });

  it('answers 404 and 405 as 0.2 did outside the API, and with problems inside', async () => {
    const outside = await edge.call('GET', '/nowhere');
    expect([outside.status, await outside.text()]).toEqual([404, '{"detail":"Not Found"}']);
    const method = await edge.call('POST', '/livez');
    expect([method.status, await method.text(), method.headers.get('allow')]).toEqual([
      405,
      '{"detail":"Method Not Allowed"}',
      'GET, HEAD',
    ]);
    const inside = await edge.call('GET', '/api/v1/nowhere');
    expect(inside.headers.get('content-type')).toContain('application/problem+json');
    expect(await inside.json()).toMatchObject({ status: 404, code: 'route/not-found' });
    const insideMethod = await edge.call('DELETE', '/api/v1/agents');
    expect(await insideMethod.json()).toMatchObject({ status: 405, code: 'route/method-not-allowed' });
    expect(insideMethod.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('gives every answer a request id of its own and the headers that keep browsers out of trouble', async () => {
    const answer = await edge.call('GET', '/api/v1/agents', undefined, {
      'x-request-id': 'mine',
      origin: 'http://evil',
    });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    const problem = await edge.call('GET', '/api/v1/agents/nobody');
    expect(((await problem.json()) as { requestId: string }).requestId).toBe(problem.headers.get('x-request-id'));
  });

  describe('bodies', () => {
    const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
      fetch(`${edge.url}/api/v1/agents`, {
        method: 'POST',
        headers: { 'x-api-key': TEST_MAIN_KEY, 'content-type': 'application/json', ...headers },
        body,
      });

    it.each([
      ['broken JSON', '{"name":', 400],
      ['200 000 levels', '['.repeat(200_000), 400],
      ['200 000 levels of objects that close', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 400],
      ['an array', '[]', 400],
      ['null', 'null', 400],
      ['no body at all', '', 400],
      ['a field called __proto__', '{"name":"a","__proto__":{"x":1}}', 400],
      ['a hidden __proto__', '{"name":"a","facts":{"\\u005f_proto__":{"x":1}}}', 400],
      ['more than 1 MB', JSON.stringify({ name: 'x'.repeat(1_100_000) }), 413],
      ['unknown fields', '{"name":"a","key":"k","transport":"http","colour":"red"}', 422],
    ])('refuses %s', async (_what, body, status) => {
      const answer = await post(body);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    });

    it('refuses other types and charsets (H6)', async () => {
      expect((await post('name=a', { 'content-type': 'text/plain' })).status).toBe(415);
      expect((await post('name=a', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
      expect((await post('{}', { 'content-type': 'application/json; charset=utf-16' })).status).toBe(415);
      expect((await post('{"name":"a"}', { 'content-type': 'application/json; charset=UTF-8' })).status).toBe(422);
      expect((await post('{}', { 'content-encoding': 'br' })).status).toBe(415);
    });

    it('refuses a gzip bomb without unpacking it (H1)', async () => {
      const bomb = zip(Buffer.alloc(64 * 1024 * 1024));
      expect((await post(bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
      expect((await post(zip(Buffer.from('{"name":"a"}')), { 'content-encoding': 'gzip' })).status).toBe(422);
    });

    it('answers 413 before an oversized body has come, also when nobody said how long it is (H1)', async () => {
      const head = `POST /api/v1/agents HTTP/1.1\r\nhost: x\r\nx-api-key: ${TEST_MAIN_KEY}\r\ncontent-type: application/json\r\n`;
      expect(await raw(`${head}content-length: 10000000000\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 413 /);
      const chunk = `${(1_100_000).toString(16)}\r\n${'x'.repeat(1_100_000)}\r\n`;
      expect(await raw(`${head}transfer-encoding: chunked\r\n\r\n${chunk}`)).toMatch(/^HTTP\/1\.1 413 /);
    });

    it.each([
      ['a body that is too large', `x-api-key: ${TEST_MAIN_KEY}\r\n`, '413'],
      ['a wrong key', 'x-api-key: wrong\r\n', '401'],
    ])('lets the answer to %s arrive at who is still sending', async (_, key, status) => {
      const length = 8_000_000;
      const head = `POST /api/v1/agents HTTP/1.1\r\nhost: x\r\n${key}content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
      for (let at = 0; at < 10; at += 1) {
        const { answer, error } = await sendAll(edge.url, head + 'x'.repeat(length));
        expect([answer.slice(9, 12), answer.endsWith('}'), error]).toEqual([status, true, undefined]);
      }
    });

    it('does not read the body of a caller without a key', async () => {
      expect(await raw('POST /api/v1/agents HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n')).toMatch(
        /^HTTP\/1\.1 401 /,
      );
    });
  });

  it('refuses 10 000 headers and goes on (H1)', async () => {
    expect(await raw(`GET /livez HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect((await bare('GET', '/livez')).status).toBe(200);
  });

  it('closes connections that bring their request too slowly, and those that bring none (H2)', async () => {
    const patience = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 };
    const hasty = await startEdgeApp(db, FEATURES, {}, patience);
    const slowBody = `POST /api/v1/agents HTTP/1.1\r\nhost: x\r\nx-api-key: ${TEST_MAIN_KEY}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`;
    const answers = await Promise.all(
      ['GET /livez HTTP/1.1\r\nhost: x\r\n', '', slowBody].map((text) => rawRequest(hasty.url, text)),
    );
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect((await fetch(`${hasty.url}/livez`)).status).toBe(200);
    await hasty.app.close();
  });

  it.each([
    'limit=-1',
    'limit=1e9',
    'limit=abc',
    'limit=0',
    'limit=',
    'limit=1.5',
    'limit=1&limit=2',
    'limit[]=1',
    'limit=99999',
    'colour=red',
    'cursor=%00',
    'cursor=a&cursor=b',
    'cursor=!!',
  ])('refuses the query %s (H4)', async (query) => {
    for (const path of ['/api/v1/agents', '/api/v1/audit', '/api/v1/scripts']) {
      const answer = await edge.call('GET', `${path}?${query}`);
      expect(answer.status, await answer.text()).toBe(400);
    }
  });

  it('answers livez, readyz and the page at / to everybody', async () => {
    expect(await (await bare('GET', '/livez')).text()).toBe('{"status":"ok"}');
    expect((await bare('GET', '/readyz')).status).toBe(200);
    expect(await (await bare('GET', '/')).json()).toMatchObject({ docs: '/docs', version: expect.any(String) });
    expect((await bare('HEAD', '/livez')).status).toBe(200);
  });

  it('serves Swagger UI and its assets to everybody', async () => {
    const page = await (await bare('GET', '/docs')).text();
    const assets = [...page.matchAll(/(?:src|href)=["']\.\/(docs\/[^"']+)["']/g)].map((match) => match[1] as string);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) expect((await bare('GET', `/${asset}`)).status, asset).toBe(200);
  });
});

const zip = (bytes: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(gzipSync(bytes));

/** As nginx does: sends all, whatever comes back meanwhile. */
function sendAll(url: string, text: string): Promise<{ answer: string; error: unknown }> {
  return new Promise((resolve) => {
    let answer = '';
    let error: unknown;
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.write(text, () => socket.end());
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('error', (cause) => (error = cause));
    socket.on('close', () => resolve({ answer, error }));
  });
}

/** Sends bytes as they are and resolves with all that comes back until the other side closes or an answer is complete. */
function rawRequest(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => {
      answer += data.toString();
      if (answer.includes('\r\n\r\n')) setTimeout(() => socket.destroy(), 20);
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer ? resolve(answer) : reject(error)));
  });
}

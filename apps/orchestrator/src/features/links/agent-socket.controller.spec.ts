import { request as plainRequest } from 'node:http';
import type { AgentId, AgentResource } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, MovedClock, openTestDatabase } from '@scriptmesh/testing';
import { WebSocketOrchestratorLink } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForSocket, closeCodeOf } from '../../test-support/agent-socket.js';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { SpeakingAgent } from '../../test-support/speaking-agent.js';
import { TEST_MAIN_KEY } from '../../test-support/surroundings.js';
import { AccessModule } from '../access/index.js';
import { AuditModule } from '../audit/index.js';
import { AgentDirectory, RegistryModule } from '../registry/index.js';
import { AgentLinks } from './agent-links.js';
import { LinksModule } from './links.module.js';

const KEY_A = 'the-key-of-agent-a-of-32-characters';
const KEY_B = 'the-key-of-agent-b-of-32-characters';

describe('GET /api/v1/agents/:agentId/socket', () => {
  let db: Database;
  let edge: EdgeApp;
  let a: SpeakingAgent;
  let b: SpeakingAgent;
  let heard: string[];
  const links: WebSocketOrchestratorLink[] = [];

  beforeEach(async () => {
    db = await openTestDatabase();
    await start();
    heard = [];
    a = await register('a', KEY_A);
    b = await register('b', KEY_B);
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()));
    await edge.app.close();
    await closeTestDatabase(db);
  });

  async function start(transports: readonly ('http' | 'websocket')[] = ['http', 'websocket']): Promise<void> {
    edge = await startEdgeApp(db, [AuditModule, AccessModule, RegistryModule, LinksModule], { transports });
    edge.app.get(AgentLinks).handle(['hello'], (agent, messages) => {
      heard.push(`${agent.name}: ${messages.map(({ header }) => header.kind).join(' ')}`);
      return Promise.resolve([{ kind: 'manifestWanted' }]);
    });
  }
  async function startAnew(transports: readonly ('http' | 'websocket')[]): Promise<void> {
    await edge.app.close();
    await closeTestDatabase(db);
    db = await openTestDatabase();
    await start(transports);
  }
  async function register(name: string, key: string, transport = 'websocket'): Promise<SpeakingAgent> {
    const answer = await edge.call('POST', '/api/v1/agents', { name, key, transport, facts: {} });
    return new SpeakingAgent(((await answer.json()) as AgentResource).id as AgentId, key);
  }
  const socketOf = (id: string): string => `${edge.url}/api/v1/agents/${id}/socket`;
  const ask = (id: string, headers: Record<string, string>) => askForSocket(socketOf(id), headers);
  async function open(agent: SpeakingAgent) {
    const { socket } = await ask(agent.id, { 'x-api-key': agent.key });
    if (!socket) throw new Error('the socket was refused');
    return socket;
  }
  /** The agent's half of the transport over a real socket; it answers every list with nothing. */
  function aLink(): WebSocketOrchestratorLink {
    const link = new WebSocketOrchestratorLink({
      clock: new MovedClock(),
      ids: { fraction: () => 0.5 },
      orchestratorUrl: edge.url,
    });
    link.onFrames(() => Promise.resolve([]));
    links.push(link);
    return link;
  }
  const reachOf = async (agent: SpeakingAgent) =>
    edge.app.get(AgentLinks).reach(await edge.app.get(AgentDirectory).getAgent(agent.id));

  it('carries frames both ways, and the agent counts as one that speaks', async () => {
    const link = aLink();
    const answers: string[] = [];
    link.onFrames(async (_id, frames) => (answers.push(...a.open(frames).map(({ kind }) => kind)), []));
    expect(await link.send({ agentId: a.id, key: KEY_A }, [a.hello(-1)])).toBe('sent');
    expect([heard, answers]).toEqual([['a: hello'], ['manifestWanted']]);
    expect(await edge.app.get(AgentDirectory).getAgent('a')).toMatchObject({ lastSeenAtMs: edge.clock.nowMs() });
    expect(await edge.app.get(AgentLinks).send(a.id, [{ kind: 'manifestWanted' }])).toBe('sent');
    expect(answers).toEqual(['manifestWanted', 'manifestWanted']);
  });

  it('reaches an agent as long as its socket stands, and says nothing was sent without one', async () => {
    expect([await reachOf(a), await edge.app.get(AgentLinks).send(a.id, [])]).toEqual(['none', 'not-sent']);
    const socket = await open(a);
    expect(await reachOf(a)).toBe('here');
    socket.terminate();
    await expect.poll(() => reachOf(a)).toBe('none');
  });

  it('tells that an agent has opened its way, after it was asked for what waits there', async () => {
    const opened: string[] = [];
    edge.app.get(AgentLinks).onOpened((id) => opened.push(id));
    await aLink().send({ agentId: a.id, key: KEY_A }, []);
    await expect.poll(() => opened).toEqual([a.id]);
  });

  it('wants the key of this very agent, before the upgrade (A8)', async () => {
    expect((await ask(a.id, {})).status).toBe(401);
    expect((await ask(a.id, { 'x-api-key': 'no-such-key' })).status).toBe(401);
    for (const [to, key] of [
      [b.id, KEY_A],
      [a.id, TEST_MAIN_KEY],
      ['019b7600-0000-7000-8000-00000000ffff', KEY_A],
      ['a', KEY_A],
    ] as const) {
      expect(await ask(to, { 'x-api-key': key })).toMatchObject({ status: 403, problem: { code: 'auth/forbidden' } });
    }
    expect([await reachOf(a), await reachOf(b)]).toEqual(['none', 'none']);
  });

  it('answers too many bad keys with 429, and a good one as ever (A12)', async () => {
    for (let count = 0; count < 20; count += 1) await ask(a.id, { 'x-api-key': 'bad' });
    expect((await ask(a.id, { 'x-api-key': 'bad' })).status).toBe(429);
    expect((await ask(a.id, { 'x-api-key': KEY_A })).status).toBe(101);
  });

  it.each(['http://evil.example', 'null', ''])(
    'refuses the Origin %j with 403, whatever the key (J1)',
    async (origin) => {
      for (const key of [KEY_A, 'no-such-key']) {
        expect(await ask(a.id, { 'x-api-key': key, origin })).toMatchObject({
          status: 403,
          problem: { code: 'auth/forbidden' },
        });
      }
      expect(await reachOf(a)).toBe('none');
    },
  );

  it('answers upgrades elsewhere as it answers without them, and closes', async () => {
    expect(await askForSocket(`${edge.url}/nowhere`, { 'x-api-key': TEST_MAIN_KEY })).toMatchObject({ status: 404 });
    expect(await askForSocket(`${edge.url}/nowhere`, {})).toMatchObject({ status: 401 });
    expect(await askForSocket(`${edge.url}/api/v1/agents/${a.id}/frames`, { 'x-api-key': KEY_A })).toMatchObject({
      status: 405,
    });
  });

  it('says what a request without an upgrade lacks', async () => {
    const answer = await fetch(socketOf(a.id), { headers: { 'x-api-key': KEY_A } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'request/malformed', hint: expect.stringContaining('Upgrade') });
  });

  it('serves a client that would rather speak HTTP/2, body and all', async () => {
    const body = JSON.stringify({ name: 'c', key: 'k'.repeat(32), transport: 'http', facts: {} });
    const status = await new Promise((resolve, reject) => {
      const sent = plainRequest(`${edge.url}/api/v1/agents`, {
        method: 'POST',
        headers: {
          'x-api-key': TEST_MAIN_KEY,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          connection: 'Upgrade, HTTP2-Settings',
          upgrade: 'h2c',
          'http2-settings': 'AAMAAABkAAQAAP__',
        },
      });
      sent.once('response', (answer) => resolve((answer.resume(), answer.statusCode)));
      sent.once('error', reject);
      sent.end(body);
    });
    expect(status).toBe(201);
  });

  it('lets the newest of two sockets win (J1)', async () => {
    const [first, second] = [await open(a), await open(a)];
    expect(await closeCodeOf(first)).toBe(4409);
    expect([second.readyState, await reachOf(a)]).toEqual([second.OPEN, 'here']);
  });

  it('closes frame bombs, text and what is no message (J1)', async () => {
    for (const [message, code] of [
      [Buffer.alloc(8 * 1024 * 1024 + 6), 1009],
      ['text', 1003],
      [Buffer.from([9, 0, 0, 0, 1]), 1002],
      [Buffer.from([1]), 1002],
    ] as const) {
      const socket = await open(a);
      socket.send(message);
      expect(await closeCodeOf(socket)).toBe(code);
    }
    expect((await edge.call('GET', '/api/v1/agents')).status).toBe(200);
  });

  it('refuses lists that are not authentic, and keeps the socket', async () => {
    const link = aLink();
    expect(await link.send({ agentId: a.id, key: KEY_A }, [b.hello(-1)])).toBe('unknown');
    expect(heard).toEqual([]);
    expect(await link.send({ agentId: a.id, key: KEY_A }, [a.hello(-1)])).toBe('sent');
  });

  it('closes the socket of an agent that is removed, and knows its key no more', async () => {
    const socket = await open(a);
    const closed = closeCodeOf(socket);
    expect((await edge.call('DELETE', '/api/v1/agents/a')).status).toBe(204);
    expect(await closed).toBe(4401);
    expect((await ask(a.id, { 'x-api-key': KEY_A })).status).toBe(401);
  });

  it('closes the socket of an agent that another instance has removed, at its next word', async () => {
    const link = aLink();
    await link.send({ agentId: a.id, key: KEY_A }, []);
    await db.write((trx) => trx.deleteFrom('agents').where('id', '=', a.id).execute());
    expect(await link.send({ agentId: a.id, key: KEY_A }, [a.hello(-1)])).toBe('unknown');
    let forgotten = false;
    link.onForgotten(() => (forgotten = true));
    expect(await link.send({ agentId: a.id, key: KEY_A }, [a.hello(-1)])).toBe('not-sent');
    expect(forgotten).toBe(true);
  });

  it('is not there while the transport is switched off, nor are frames over http while that one is', async () => {
    await startAnew(['http']);
    const c = await register('c', KEY_A, 'http');
    expect(await ask(c.id, { 'x-api-key': KEY_A })).toMatchObject({
      status: 404,
      problem: { code: 'route/not-found' },
    });
    await startAnew(['websocket']);
    const d = await register('d', KEY_A);
    const headers = { 'x-api-key': KEY_A, 'content-type': 'application/vnd.scriptmesh.frames' };
    const answer = await fetch(`${edge.url}/api/v1/agents/${d.id}/frames`, { method: 'POST', headers });
    expect(await answer.json()).toMatchObject({ status: 404, code: 'route/not-found' });
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentId, AgentResource, FromAgent, LogAsk, ToAgentHeader } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { decodeFrames, encodeFrames, FRAMES_CONTENT_TYPE } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { SpeakingAgent } from '../../test-support/speaking-agent.js';
import { AccessModule } from '../access/index.js';
import { AuditModule } from '../audit/index.js';
import { HeartbeatModule } from '../heartbeat/index.js';
import { LogRequests } from './log-requests.js';
import { LogsModule } from './logs.module.js';

const KEY = 'the-key-of-agent-a-of-32-characters';
const FILE_ID = '0123456789abcdef';
const LOG = { name: 'app', description: null, maxBytes: 100, files: [], problem: 'has no file yet' };

describe('logs over HTTP', () => {
  let db: Database;
  let home: string;
  let edge: EdgeApp;
  let agent: SpeakingAgent;
  beforeEach(async () => {
    db = await openTestDatabase();
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-own-logs-'));
    edge = await startEdgeApp(db, [AuditModule, AccessModule, HeartbeatModule, LogsModule], { home });
    const answer = await edge.call('POST', '/api/v1/agents', { name: 'a', key: KEY, transport: 'http', facts: {} });
    agent = new SpeakingAgent(((await answer.json()) as AgentResource).id as AgentId, KEY);
    await speak([agent.hello(-1)]);
    await speak([agent.hello(0)]);
  });
  afterEach(async () => {
    await edge.app.close();
    await closeTestDatabase(db);
    rmSync(home, { recursive: true, force: true });
  });

  async function speak(frames: readonly Uint8Array[]): Promise<readonly ToAgentHeader[]> {
    const answer = await fetch(`${edge.url}/api/v1/agents/${agent.id}/frames`, {
      method: 'POST',
      headers: { 'x-api-key': KEY, 'content-type': FRAMES_CONTENT_TYPE },
      body: new Uint8Array(encodeFrames(frames)),
    });
    return agent.open(decodeFrames(new Uint8Array(await answer.arrayBuffer())));
  }
  /** Takes the next question, as an agent that only dials itself does. */
  async function nextQuestion(): Promise<LogAsk & { kind: string; requestId: string }> {
    for (let turn = 0; turn < 5000; turn += 1) {
      if (edge.app.get(LogRequests).inFlight > 0) {
        const question = (await speak([])).find(({ kind }) => kind === 'listLogs' || kind === 'readLog');
        if (question) return question as never;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error('nothing was asked');
  }
  const say = (message: FromAgent, bytes = '') => speak([agent.seal(message, { bytes: Buffer.from(bytes) })]);
  const part = (requestId: string, offset: number, text: string, size: number, more: object = {}) =>
    say(
      {
        kind: 'logPart',
        requestId,
        file: 'app.log',
        fileId: FILE_ID,
        offset,
        nextOffset: offset + Buffer.byteLength(text),
        size,
        keeping: true,
        changed: null,
        ...more,
      },
      text,
    );

  it('lists what the agent tells, and nothing it was not asked for', async () => {
    const listing = edge.call('GET', '/api/v1/agents/a/logs');
    const { kind, requestId } = await nextQuestion();
    expect(kind).toBe('listLogs');
    await say({ kind: 'logs', requestId: 'f'.repeat(32) }, '{"logs":[],"faults":["forged"]}');
    await part(requestId, 0, 'another kind', 3);
    await say(
      { kind: 'logs', requestId },
      JSON.stringify({ logs: [{ ...LOG, extra: 1 }], faults: ['roots[0]: no'], x: 1 }),
    );
    expect(await (await listing).json()).toEqual({ items: [LOG], next: null, manifestFaults: ['roots[0]: no'] });
    expect(edge.log.lines.filter(({ event }) => event === 'logs.answer-dropped')).toHaveLength(2);
    expect(edge.app.get(LogRequests).inFlight).toBe(0);
  });

  it.each(['no json', '{"logs":[{"name":5}],"faults":[]}', '{"logs":{}}'])(
    'calls the list %j a bad answer',
    async (json) => {
      const listing = edge.call('GET', '/api/v1/agents/a/logs');
      await say({ kind: 'logs', requestId: (await nextQuestion()).requestId }, json);
      expect((await listing).status).toBe(502);
    },
  );

  it('gives a log as text, part after part, as far as it went when it was asked for', async () => {
    const reading = edge.call('GET', '/api/v1/agents/a/logs/app?tail=7&since=2026-01-01T00:00:00Z&file=app.log');
    const first = await nextQuestion();
    expect(first).toMatchObject({
      log: 'app',
      tailLines: 7,
      file: 'app.log',
      sinceMs: Date.UTC(2026, 0, 1),
      untilMs: null,
    });
    await part(first.requestId, 0, 'one\n', 8);
    const second = await nextQuestion();
    expect(second).toMatchObject({ tailLines: null, fromOffset: 4, fileId: FILE_ID, keeping: true });
    await part(second.requestId, 4, 'two\n', 99);
    const answer = await reading;
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(await answer.text()).toBe('one\ntwo\n');
  });

  it('cuts the connection when the file is replaced half-way', async () => {
    const reading = edge.call('GET', '/api/v1/agents/a/logs/app');
    await part((await nextQuestion()).requestId, 0, 'one\n', 8);
    await part((await nextQuestion()).requestId, 0, '', 3, { changed: 'rotated' });
    await expect((await reading).text()).rejects.toThrow();
  });

  it('passes the faults of logs on, and no others', async () => {
    for (const [code, status] of [
      ['log/not-found', 404],
      ['log/unreadable', 422],
      ['agent/busy', 503],
      ['auth/unauthorized', 502],
    ] as const) {
      const reading = edge.call('GET', '/api/v1/agents/a/logs/app');
      await say({ kind: 'logFault', requestId: (await nextQuestion()).requestId, code, why: 'because' });
      expect((await reading).status).toBe(status);
    }
  });

  it('says that an agent is down, at once when nothing listens, else after the deadline', async () => {
    await edge.call('POST', '/api/v1/agents', {
      name: 'b',
      url: 'http://127.0.0.1:9',
      key: `${KEY}-b`,
      transport: 'http',
    });
    expect((await edge.call('GET', '/api/v1/agents/b/logs')).status).toBe(503);
    const listing = edge.call('GET', '/api/v1/agents/a/logs');
    await nextQuestion();
    await edge.clock.advance(15_000);
    expect(await (await listing).json()).toMatchObject({
      code: 'agent/unreachable',
      hint: expect.stringContaining('agents show a'),
    });
  });

  it.each([
    'tail=-1',
    'tail=1e9',
    'tail=1&tail=2',
    'file=..',
    'file=a%2Fb',
    'since=yesterday',
    'since=2026-01-01',
    'x=1',
  ])('answers 400 to ?%s', async (query) => {
    expect((await edge.call('GET', `/api/v1/agents/a/logs/app?${query}`)).status).toBe(400);
  });

  it('answers 404 to what cannot be a name, 401 and 403 to those who are no operators', async () => {
    for (const log of ['..%2fcfg', '__proto__', '%2e%2e%2f', 'a%00']) {
      expect((await edge.call('GET', `/api/v1/agents/a/logs/${log}`)).status).toBe(404);
    }
    for (const path of ['/api/v1/agents/a/logs', '/api/v1/logs', '/api/v1/logs/scriptmesh-orchestrator']) {
      expect((await edge.call('GET', path, undefined, { 'x-api-key': KEY })).status).toBe(403);
      expect((await edge.call('GET', path, undefined, { 'x-api-key': 'wrong' })).status).toBe(401);
    }
    expect((await edge.call('GET', '/api/v1/agents/nobody/logs')).status).toBe(404);
  });

  it('turns the ninth reader of one agent away until another has done', async () => {
    const readers = Array.from({ length: 9 }, () => edge.call('GET', '/api/v1/agents/a/logs'));
    const refused = await Promise.race(readers);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    await edge.clock.advance(15_000);
    expect((await Promise.all(readers)).map(({ status }) => status).filter((status) => status === 503)).toHaveLength(8);
    const again = edge.call('GET', '/api/v1/agents/a/logs');
    await say({ kind: 'logs', requestId: (await nextQuestion()).requestId }, '{"logs":[],"faults":[]}');
    expect((await again).status).toBe(200);
  });

  it('follows: what is new each second, a replaced file as a gap, an agent that is away, and resumes', async () => {
    const leave = new AbortController();
    const opening = fetch(`${edge.url}/api/v1/agents/a/logs/app`, {
      headers: { 'x-api-key': edge.settings.mainKey, accept: 'text/event-stream', 'last-event-id': `4-${FILE_ID}` },
      signal: leave.signal,
    });
    const first = await nextQuestion();
    expect(first).toMatchObject({ fromOffset: 4, fileId: FILE_ID, tailLines: null });
    await part(first.requestId, 4, 'two\n', 8);
    const answer = await opening;
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    const events = readEvents(answer);
    expect(await events.next()).toBe(
      `id: 8-${FILE_ID}\nevent: output\ndata: {"file":"app.log","offset":4,"text":"two\\n"}`,
    );
    await edge.clock.advance(1_000);
    await part((await nextQuestion()).requestId, 8, 'three\n', 14);
    expect(await events.next()).toContain('"offset":8,"text":"three\\n"');
    await edge.clock.advance(1_000);
    await part((await nextQuestion()).requestId, 0, '', 4, {
      changed: 'rotated',
      fileId: 'f'.repeat(16),
      nextOffset: 0,
    });
    expect(await events.next()).toContain('event: gap\ndata: {"file":"app.log","offset":0,"reason":"rotated"}');
    const anew = await nextQuestion();
    expect(anew).toMatchObject({ fromOffset: 0, fileId: 'f'.repeat(16) });
    await say({ kind: 'logFault', requestId: anew.requestId, code: 'log/not-found', why: 'gone' });
    expect(await events.next()).toContain('event: waiting\ndata: {"code":"log/not-found"');
    await edge.clock.advance(1_000);
    await part((await nextQuestion()).requestId, 0, 'new\n', 4, { fileId: 'f'.repeat(16) });
    expect(await events.next()).toContain(`id: 4-${'f'.repeat(16)}`);
    leave.abort();
    await events.ended;
  });

  it('follows no bad id and no end of time', async () => {
    const accept = { accept: 'text/event-stream' };
    const bad = await Promise.all([
      edge.call('GET', '/api/v1/agents/a/logs/app', undefined, { ...accept, 'last-event-id': '1-2' }),
      edge.call('GET', '/api/v1/agents/a/logs/app?until=2026-01-01T00:00:00Z', undefined, accept),
    ]);
    expect(bad.map(({ status }) => status)).toEqual([400, 400]);
  });

  it("lists and gives the orchestrator's own logs", async () => {
    expect(await (await edge.call('GET', '/api/v1/logs')).json()).toMatchObject({ items: [{ files: [] }] });
    mkdirSync(join(home, 'logs'));
    writeFileSync(join(home, 'logs/ScriptMesh-orchestrator.log'), 'one\ntwo\n');
    writeFileSync(join(home, 'logs/other.log'), 'x');
    expect(await (await edge.call('GET', '/api/v1/logs')).json()).toMatchObject({
      items: [{ name: 'scriptmesh-orchestrator', files: [{ name: 'ScriptMesh-orchestrator.log', bytes: 8 }] }],
      next: null,
    });
    expect(await (await edge.call('GET', '/api/v1/logs/scriptmesh-orchestrator?tail=1')).text()).toBe('two\n');
    expect((await edge.call('GET', '/api/v1/logs/scriptmesh-orchestrator?file=other.log')).status).toBe(404);
  });
});

function readEvents(answer: Response): { next(): Promise<string>; ended: Promise<void> } {
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  let held = '';
  const next = async (): Promise<string> => {
    for (;;) {
      const end = held.indexOf('\n\n');
      if (end >= 0) {
        const event = held.slice(0, end);
        held = held.slice(end + 2);
        if (event !== ':') return event;
        continue;
      }
      const { value, done } = await reader.read();
      if (done) throw new Error('the stream has ended');
      held += Buffer.from(value).toString();
    }
  };
  return { next, ended: reader.closed.catch(() => undefined) as Promise<void> };
}

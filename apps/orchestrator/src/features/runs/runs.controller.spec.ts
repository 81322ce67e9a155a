import { get } from 'node:http';
import { MAIN_PRINCIPAL, SYSTEM_PRINCIPAL, type AgentId, type RunId, type RunResource } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { SpeakingAgent } from '../../test-support/speaking-agent.js';
import { AccessModule } from '../access/index.js';
import { claimRun } from './domain/claim.js';
import { endRun, patchRun, proveIntent, unmoved } from './domain/run-progress.js';
import { RunFeed } from './run-feed.js';
import { RunWriter } from './run-writer.js';
import { RunsModule } from './runs.module.js';
import { RunsStore } from './runs.store.js';
import { JOURNAL } from './test-support/a-run.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;

describe('the routes of runs', () => {
  let db: Database;
  let edge: EdgeApp;

  beforeEach(async () => {
    db = await openTestDatabase();
    edge = await startEdgeApp(db, [AccessModule, RunsModule]);
    const agent = new SpeakingAgent(AGENT, 'an-agent-key-for-tests-of-32-chars');
    await agent.insertInto(db, edge.app.get(SecretBox), edge.app.get(AgentKeyDigester));
  });
  afterEach(async () => {
    await edge.app.close();
    await closeTestDatabase(db);
  });

  const ask = (headers: Record<string, string> = {}, body: object = {}) =>
    edge.call('POST', '/api/v1/runs', { agent: 'db-1', script: 'hello', ...body }, headers);
  const accepted = async (): Promise<RunId> => ((await (await ask()).json()) as { id: RunId }).id;
  const follow = (id: string, headers: Record<string, string> = {}) =>
    edge.call('GET', `/api/v1/runs/${id}/output`, undefined, { accept: 'text/event-stream', ...headers });

  /** What the agent would have made of it: output, then perhaps the end. */
  async function write(id: RunId, text: string, ends = false): Promise<void> {
    const nowMs = edge.clock.nowMs();
    await edge.app.get(RunWriter).write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read([id]);
      let run = runs.find(id) as NonNullable<ReturnType<typeof runs.find>>;
      if (run.state === 'queued') {
        runs.apply(claimRun(unmoved(run), JOURNAL, nowMs));
        run = runs.find(id) as typeof run;
      }
      const at = run.acked.stdout;
      await edge.app.get(RunsStore).appendOutput(runs.trx, id, 'stdout', at, Buffer.from(text));
      const running = proveIntent(unmoved(run), nowMs, true);
      const grown = patchRun(running, { acked: { ...run.acked, stdout: at + Buffer.byteLength(text) } });
      const end = { state: 'succeeded', executed: 'yes', finishedAtMs: nowMs, exitCode: 0, reason: null } as const;
      runs.apply(ends ? endRun(grown, end) : grown);
    });
  }

  it('logs requests with their id and the id of the run they are about', async () => {
    const asked = await ask();
    const { id } = (await asked.json()) as { id: RunId };
    const shown = await edge.call('GET', `/api/v1/runs/${id}`);
    await shown.text();
    await (await edge.call('GET', '/api/v1/runs/not-there')).text();
    await edge.app.close();
    const ends = edge.log.lines.filter(({ event }) => event === 'http.request').map(({ fields }) => fields);
    expect(ends.map(({ requestId, runId }) => [requestId, runId])).toEqual([
      [asked.headers.get('x-request-id'), id],
      [shown.headers.get('x-request-id'), id],
      [expect.any(String), undefined],
    ]);
  });

  it('accepts a run with 202, its place, and who asked for it', async () => {
    const answer = await ask();
    const run = (await answer.json()) as RunResource;
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/v1/runs/${run.id}`);
    expect(run).toMatchObject({
      state: 'queued',
      executed: null,
      principal: MAIN_PRINCIPAL,
      origin: 'api',
      agent: 'db-1',
    });
    expect(await (await edge.call('GET', `/api/v1/runs/${run.id}`)).json()).toEqual(run);
  });

  it('says that output was removed, instead of giving none, and shows it with the run', async () => {
    const id = await accepted();
    await write(id, 'hello\n', true);
    await db.write((trx) => trx.updateTable('runs').set({ output_pruned_at: 1_000 }).where('id', '=', id).execute());
    for (const answer of [await edge.call('GET', `/api/v1/runs/${id}/output`), await follow(id)]) {
      expect(answer.status).toBe(410);
      expect(await answer.json()).toMatchObject({ code: 'run/output-pruned', hint: expect.any(String) as string });
    }
    const shown = (await (await edge.call('GET', `/api/v1/runs/${id}`)).json()) as object;
    expect(shown).toMatchObject({ state: 'succeeded', stdoutBytes: 6, outputPrunedAt: '1970-01-01T00:00:01.000Z' });
  });

  it('names retention when a run of its time was removed', async () => {
    const missing = '019b7600-0000-7000-8000-000000000001';
    expect(await (await edge.call('GET', `/api/v1/runs/${missing}`)).text()).not.toContain('retention');
    const row = { key: 'runs_pruned_through', value: missing };
    await db.write((trx) => trx.insertInto('meta').values(row).execute());
    const answer = await edge.call('GET', `/api/v1/runs/${missing}`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      code: 'run/not-found',
      hint: expect.stringContaining('SCRIPT_MESH_RUN_RETENTION_DAYS') as string,
    });
  });

  it('answers with the finished run and its output to a caller who prefers to wait', async () => {
    const waiting = ask({ prefer: 'respond-async, wait=30' });
    await eventually(() => edge.app.get(RunFeed).watchedRuns === 1);
    const [run] = await edge.app.get(RunsStore).listLive(AGENT);
    await write((run as { id: RunId }).id, 'hello\n', true);
    const answer = await waiting;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('preference-applied')).toBe('wait=30');
    expect(await answer.json()).toMatchObject({ state: 'succeeded', stdout: 'hello\n', stderr: '' });
    expect(edge.app.get(RunFeed).watchedRuns).toBe(0);
  });

  it.each([
    ['whole, when its end follows on its beginning', 6, 'hello\nend'],
    ['up to the gap', 7, 'hello\n'],
  ])('shows such a caller a long output %s', async (_, offset, shown) => {
    const waiting = ask({ prefer: 'wait=30' });
    await eventually(() => edge.app.get(RunFeed).watchedRuns === 1);
    const { id } = (await edge.app.get(RunsStore).listLive(AGENT))[0] as { id: RunId };
    await write(id, 'hello\n', false);
    await edge.app.get(RunWriter).write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read([id]);
      await edge.app.get(RunsStore).appendOutput(runs.trx, id, 'stdout', offset, Buffer.from('end'));
      const tails = { stdout: { offset, length: 3, missing: offset - 6 } };
      const end = {
        state: 'succeeded',
        executed: 'yes',
        finishedAtMs: edge.clock.nowMs(),
        exitCode: 0,
        tails,
      } as const;
      runs.apply(endRun(unmoved(runs.find(id) as NonNullable<ReturnType<typeof runs.find>>), end));
    });
    expect(await (await waiting).json()).toMatchObject({ state: 'succeeded', stdout: shown });
  });

  it('answers 202 with the run as it is when the time to wait is over', async () => {
    const waiting = ask({ prefer: 'wait=1' });
    await eventually(() => edge.app.get(RunFeed).watchedRuns === 1);
    await edge.clock.advance(1000);
    const answer = await waiting;
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ state: 'queued' });
  });

  it.each([
    ['an agent that is not there', { agent: 'db-9' }, 404, 'agent/not-found'],
    ['a script by path', { script: '../x' }, 400, 'request/malformed'],
    ['a parameter that is an object', { params: { a: { toString: 1 } } }, 422, 'params/invalid'],
    ['a NUL in a parameter', { params: { a: 'x\0' } }, 400, 'request/malformed'],
    ['a parameter of 33 KiB (D4)', { params: { a: 'x'.repeat(33 * 1024) } }, 413, 'request/too-large'],
    ['parameters that only JSON makes too large', { params: manyEscapes() }, 413, 'request/too-large'],
    ['a time limit of 0', { timeoutSeconds: 0 }, 422, 'request/invalid'],
    ['an unknown field', { command: 'rm' }, 422, 'request/invalid'],
  ])('refuses %s and makes no run', async (_what, body, status, code) => {
    const answer = await ask({}, body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code });
    expect(await edge.app.get(RunsStore).listLive(AGENT)).toEqual([]);
  });

  it('streams output as it comes, and ends with the run', async () => {
    const id = await accepted();
    const answer = await follow(id);
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    const text = answer.text();
    await write(id, 'one\n');
    await write(id, 'two\n', true);
    const events = (await text).split('\n\n').filter((event) => event.startsWith('id:'));
    const output = events
      .filter((event) => event.includes('event: output'))
      .map((event) => JSON.parse(event.split('data: ')[1] as string) as { text: string });
    expect(output.map((piece) => piece.text).join('')).toBe('one\ntwo\n');
    expect(events.at(-1)).toContain('event: end');
    expect(events.at(-1)).toContain('id: 8-0');
    expect(edge.app.get(RunFeed).watchedRuns).toBe(0);
  });

  it('tells of a field what is wrong with it first: a missing one is missing, not too long', async () => {
    const faults = async (body: object) => {
      const answer = await edge.call('POST', '/api/v1/runs', body);
      return ((await answer.json()) as { errors: object[] }).errors;
    };
    expect(await faults({ agent: 5 })).toEqual([
      { path: 'agent', message: 'has to be the name or id of an agent' },
      { path: 'script', message: 'is missing' },
    ]);
    expect(await faults({ agent: '', script: 'a b/c' })).toEqual([
      { path: 'agent', message: 'must not be empty' },
      { path: 'script', message: 'has to be the name of a script, not a path' },
    ]);
  });

  it('takes null for a limit as none', async () => {
    const answer = await edge.call('POST', '/api/v1/runs', {
      agent: 'db-1',
      script: 'hello',
      timeoutSeconds: null,
      deliverWithinSeconds: null,
    });
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as { id: string };
    expect(await edge.app.get(RunsStore).find(id as RunId)).toMatchObject({ timeoutMs: null });
  });

  it('goes on behind the last event that a follower has seen', async () => {
    const id = await accepted();
    await write(id, 'one\ntwo\n', true);
    const text = await (await follow(id, { 'last-event-id': '4-0' })).text();
    expect(text).toContain('"offset":4,"text":"two\\n"');
    expect(text).not.toContain('one');
    for (const place of ['x', '9-0', '8-1', '999999-0']) {
      expect((await follow(id, { 'last-event-id': place })).status).toBe(400);
    }
    expect((await follow(id, { 'last-event-id': '8-0' })).status).toBe(200);
  });

  it('leaves nothing behind when a follower goes away, and the run goes on', async () => {
    const id = await accepted();
    const headers = { accept: 'text/event-stream', 'x-api-key': edge.settings.mainKey };
    const leaving = get(`${edge.url}/api/v1/runs/${id}/output`, { headers, agent: false });
    leaving.on('error', () => {});
    await new Promise((resolve) => leaving.once('response', resolve));
    expect(edge.app.get(RunFeed).watchedRuns).toBe(1);
    leaving.destroy();
    await eventually(() => edge.app.get(RunFeed).watchedRuns === 0);
    await write(id, 'on\n', true);
    expect(await (await edge.call('GET', `/api/v1/runs/${id}`)).json()).toMatchObject({ state: 'succeeded' });
  });

  it('gives the bytes of a stream as they are, from any offset', async () => {
    const id = await accepted();
    await write(id, 'h\u00e9llo\n', true);
    const read = async (query: string) =>
      Buffer.from(await (await edge.call('GET', `/api/v1/runs/${id}/output${query}`)).arrayBuffer());
    expect((await read('')).toString()).toBe('h\u00e9llo\n');
    expect((await read('?offset=2')).equals(Buffer.from('h\u00e9llo\n').subarray(2))).toBe(true);
    expect(await read('?stream=stderr')).toHaveLength(0);
    expect((await edge.call('GET', `/api/v1/runs/${id}/output?stream=both`)).status).toBe(400);
  });

  it.each(['nonsense', '019b7600-0000-7000-8000-00000000ffff', "'; drop table runs"])(
    'answers 404 for the run %s',
    async (id) => {
      const answer = await edge.call('GET', `/api/v1/runs/${encodeURIComponent(id)}`);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'run/not-found' });
    },
  );

  it('ends the live runs of an agent that is removed, and tells who waits', async () => {
    const waiting = ask({ prefer: 'wait=30' });
    await eventually(() => edge.app.get(RunFeed).watchedRuns === 1);
    expect((await edge.call('DELETE', '/api/v1/agents/db-1')).status).toBe(204);
    expect(await (await waiting).json()).toMatchObject({
      state: 'cancelled',
      executed: 'no',
      reason: 'the agent was removed',
    });
  });
});

/** 70 KiB of characters that take six bytes each in JSON. */
function manyEscapes(): Record<string, string> {
  return Object.fromEntries(['a', 'b', 'c'].map((name) => [name, '\u0001'.repeat(24 * 1024)]));
}

async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5000; turn += 1) {
    if (holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`waited in vain for ${holds.toString()}`);
}

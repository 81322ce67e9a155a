import { MAIN_PRINCIPAL, SYSTEM_PRINCIPAL, type AgentId, type RunId, type RunResource } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { SpeakingAgent } from '../../test-support/speaking-agent.js';
import { AccessModule } from '../access/index.js';
import { claimRun } from './domain/claim.js';
import { endRun, proveIntent, unmoved } from './domain/run-progress.js';
import { RunWriter } from './run-writer.js';
import { RunsModule } from './runs.module.js';
import { JOURNAL } from './test-support/a-run.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;

describe('cancelling and retrying through the API', () => {
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

  const read = async (answer: Response): Promise<RunResource> => (await answer.json()) as RunResource;
  const ask = async (body: object = {}): Promise<RunResource> =>
    read(await edge.call('POST', '/api/v1/runs', { agent: 'db-1', script: 'hello', ...body }));
  const cancel = (id: string, body?: object, headers: Record<string, string> = {}) =>
    edge.call('POST', `/api/v1/runs/${id}/cancel`, body, headers);
  const retry = (id: string, headers: Record<string, string> = {}) =>
    edge.call('POST', `/api/v1/runs/${id}/retry`, undefined, headers);
  const entriesOf = async (id: string) =>
    (await db.read.selectFrom('audit').selectAll().where('subject', '=', id).orderBy('seq').execute()).map(
      ({ principal, action, detail }) => ({ principal, action, detail: JSON.parse(detail) as unknown }),
    );

  /** What its agent would have made of it. */
  async function start(id: string, ends = false): Promise<void> {
    const nowMs = edge.clock.nowMs();
    await edge.app.get(RunWriter).write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read([id as RunId]);
      const run = runs.find(id as RunId) as NonNullable<ReturnType<typeof runs.find>>;
      const claimed = run.state === 'queued' ? claimRun(unmoved(run), JOURNAL, nowMs) : unmoved(run);
      const running = proveIntent(claimed, nowMs, true);
      const end = { state: 'succeeded', executed: 'yes', finishedAtMs: nowMs, exitCode: 0, reason: null } as const;
      runs.apply(ends ? endRun(running, end) : running);
    });
  }

  it('cancels a run that waits at once, and writes down who wished it and why', async () => {
    const { id } = await ask();
    const answer = await cancel(id, { why: 'wrong host' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/v1/runs/${id}`);
    expect(await read(answer)).toMatchObject({ state: 'cancelled', executed: 'no', cancelRequested: true });
    expect((await entriesOf(id)).slice(1)).toEqual([
      {
        principal: MAIN_PRINCIPAL,
        action: 'run.transition',
        detail: { from: 'queued', to: 'cancelled', executed: 'no', reasonCode: null, cause: 'cancel' },
      },
      { principal: MAIN_PRINCIPAL, action: 'run.cancel-requested', detail: { state: 'queued', why: 'wrong host' } },
    ]);
  });

  it('gives the same answer to a second cancel, and leaves one entry in the audit', async () => {
    const { id } = await ask();
    await start(id);
    const first = await cancel(id);
    const second = await cancel(id, { why: 'in a hurry' });
    expect([first.status, second.status]).toEqual([202, 202]);
    const run = await read(first);
    expect(run).toMatchObject({ state: 'running', executed: null, cancelRequested: true });
    expect(await read(second)).toEqual(run);
    const wishes = (await entriesOf(id)).filter(({ action }) => action === 'run.cancel-requested');
    expect(wishes).toHaveLength(1);
  });

  it('waits for the end that the agent tells of, when that is preferred', async () => {
    const { id } = await ask();
    await start(id);
    const waiting = cancel(id, {}, { prefer: 'wait=30' });
    while (!(await read(await edge.call('GET', `/api/v1/runs/${id}`))).cancelRequested);
    await start(id, true);
    const answer = await waiting;
    expect(answer.status).toBe(200);
    expect(await read(answer)).toMatchObject({ state: 'succeeded', cancelRequested: true, stdout: '' });
  });

  it.each([
    [
      'a run that has ended',
      async () => {
        const { id } = await ask();
        await start(id, true);
        return cancel(id);
      },
      409,
      'run/already-final',
    ],
    ['a run that is not there', () => cancel('019b7600-0000-7000-8000-00000000dead'), 404, 'run/not-found'],
    ['a reason of two lines', async () => cancel((await ask()).id, { why: 'a\nb' }), 422, 'request/invalid'],
    ['a reason without end', async () => cancel((await ask()).id, { why: 'x'.repeat(501) }), 422, 'request/invalid'],
    ['a field that it does not know', async () => cancel((await ask()).id, { force: true }), 422, 'request/invalid'],
    ['the retry of a run that is live', async () => retry((await ask()).id), 409, 'run/not-final'],
    ['the retry of a run that is not there', () => retry('nowhere'), 404, 'run/not-found'],
  ])('refuses %s', async (_what, call, status, code) => {
    const answer = await call();
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code });
  });

  it('retries a run that has ended as a new one with the same script, parameters and time limit', async () => {
    const old = await ask({ params: { a: 1 }, timeoutSeconds: 60 });
    await start(old.id, true);
    const answer = await retry(old.id);
    expect(answer.status).toBe(202);
    const run = await read(answer);
    expect(answer.headers.get('location')).toBe(`/api/v1/runs/${run.id}`);
    expect(run).toMatchObject({ agent: 'db-1', script: 'hello', params: { a: 1 }, retryOf: old.id, state: 'queued' });
    expect(run.id).not.toBe(old.id);
    const row = await db.read.selectFrom('runs').select('timeout_ms').where('id', '=', run.id).executeTakeFirst();
    expect(row).toEqual({ timeout_ms: 60_000 });
    expect((await entriesOf(run.id))[0]).toMatchObject({ action: 'run.accepted', detail: { retryOf: old.id } });
    const found = (await (await edge.call('GET', `/api/v1/runs?retryOf=${old.id}`)).json()) as { items: unknown[] };
    expect(found.items).toEqual([run]);
    expect((await edge.call('GET', '/api/v1/runs?retryOf=x')).status).toBe(400);
  });

  it('retries once for an idempotency key, which is not one for another run', async () => {
    const [one, two] = [await ask(), await ask()];
    for (const { id } of [one, two]) await start(id, true);
    const headers = { 'idempotency-key': 'again' };
    const answers = await Promise.all([retry(one.id, headers), retry(one.id, headers)]);
    const ids = await Promise.all(answers.map(async (answer) => (await read(answer)).id));
    expect(new Set(ids).size).toBe(1);
    expect((await retry(two.id, headers)).status).toBe(422);
  });
});

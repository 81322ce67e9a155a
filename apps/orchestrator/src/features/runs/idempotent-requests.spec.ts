import type { AgentId, PrincipalId, RunResource } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { describeOnEveryDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { SpeakingAgent } from '../../test-support/speaking-agent.js';
import { AccessModule } from '../access/index.js';
import { KEY_KEPT_MS } from './idempotency.store.js';
import { KeySweep } from './key-sweep.js';
import { RunsModule } from './runs.module.js';
import { RunsService } from './runs.service.js';
import { RunsStore } from './runs.store.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const BODY = { agent: 'db-1', script: 'hello', params: { a: 1, b: 'x' }, timeoutSeconds: 60 };

describeOnEveryDatabase('a request with an idempotency key', (openDb) => {
  let db: Database;
  let edge: EdgeApp;

  beforeEach(async () => {
    db = await openDb();
    edge = await startEdgeApp(db, [AccessModule, RunsModule], { queueMaxRuns: 100 });
    const agent = new SpeakingAgent(AGENT, 'an-agent-key-for-tests-of-32-chars');
    await agent.insertInto(db, edge.app.get(SecretBox), edge.app.get(AgentKeyDigester));
  });
  afterEach(() => edge.app.close());

  const ask = (key: string, body: unknown = BODY, headers: Record<string, string> = {}) =>
    edge.call('POST', '/api/v1/runs', body, { 'idempotency-key': key, ...headers });
  const read = async (answer: Response): Promise<RunResource> => (await answer.json()) as RunResource;
  const runs = async () => (await edge.app.get(RunsStore).listLive(AGENT)).length;

  it('makes one run of fifty at once, and gives fifty equal answers (H5)', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('one')));
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
    expect(new Set(answers.map(({ status, headers }) => `${status} ${headers.get('location')}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    const replayed = answers.map(({ headers }) => headers.get('idempotent-replayed'));
    expect(replayed.filter((value) => value === 'true')).toHaveLength(49);
    expect(await runs()).toBe(1);
  });

  it('sees the same request in other spellings of it', async () => {
    const first = await read(await ask('spelt'));
    const other = `{ "timeoutSeconds": 6e1, "params": {"b":"\\u0078","a":1.0},\n "script":"hello", "agent":"db-1" }`;
    expect((await read(await ask('spelt', other))).id).toBe(first.id);
    expect(await runs()).toBe(1);
  });

  it.each([
    ['another script', { ...BODY, script: 'other' }],
    ['another parameter', { ...BODY, params: { a: '1', b: 'x' } }],
    ['a field less', { agent: 'db-1', script: 'hello', params: BODY.params }],
  ])('refuses %s with the same key by a code of its own, and makes no run', async (_what, body) => {
    await ask('used');
    const answer = await ask('used', body);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'request/key-reused' });
    expect(await runs()).toBe(1);
  });

  it.each([
    ['an empty key', ''],
    ['a key of 256 characters', 'k'.repeat(256)],
    ['a key that is not ASCII', 'schl\u00fcssel'],
    ['a tab in a key', 'a\tb'],
  ])('refuses %s with 400 and makes no run', async (_what, key) => {
    const answer = await ask(key);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'request/malformed' });
    expect(await runs()).toBe(0);
  });

  it('takes a key of 255 characters, and does not keep one whose request was refused', async () => {
    const key = '~'.repeat(255);
    expect((await ask(key, { ...BODY, agent: 'db-9' })).status).toBe(404);
    expect((await ask(key)).status).toBe(202);
  });

  it('answers with the same run after a restart, even when its agent was removed meanwhile', async () => {
    const first = await read(await ask('kept'));
    await edge.app.close();
    edge = await startEdgeApp(db, [AccessModule, RunsModule]);
    const again = await ask('kept');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await read(again)).toEqual(first);
    expect((await edge.call('DELETE', '/api/v1/agents/db-1')).ok).toBe(true);
    const late = await ask('kept', BODY, { prefer: 'wait=5' });
    expect(late.status).toBe(200);
    expect(await read(late)).toMatchObject({ id: first.id, state: 'cancelled' });
  });

  it('keeps principals apart', async () => {
    const request = { ...BODY, deliverWithinSeconds: undefined, origin: 'api' } as const;
    const accept = (id: string) =>
      edge.app.get(RunsService).acceptOnce(request, { kind: 'operator', id: id as PrincipalId }, 'shared');
    const [anna, ben, annaAgain] = [
      await accept('operator:anna'),
      await accept('operator:ben'),
      await accept('operator:anna'),
    ];
    expect([anna.isReplayed, ben.isReplayed, annaAgain.isReplayed]).toEqual([false, false, true]);
    expect(ben.run.id).not.toBe(anna.run.id);
    expect(annaAgain.run.id).toBe(anna.run.id);
  });

  it('makes a new run a day later, and sweeps keys away by itself', async () => {
    const first = await read(await ask('daily'));
    await ask('other');
    edge.clock.jumpWallClock(KEY_KEPT_MS);
    const second = await read(await ask('daily'));
    expect(second.id).not.toBe(first.id);
    await edge.clock.advance(60_000);
    await edge.app.get(KeySweep).sweep();
    const left = await db.read.selectFrom('idempotency_keys').select(['key', 'run_id']).execute();
    expect(left).toEqual([{ key: 'daily', run_id: second.id }]);
  });
});

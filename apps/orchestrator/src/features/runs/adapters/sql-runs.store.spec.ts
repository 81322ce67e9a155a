import { createHash } from 'node:crypto';
import type { AgentId, JournalId, RunId } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { describeOnEveryDatabase } from '@scriptmesh/testing';
import { beforeEach, expect, it } from 'vitest';
import type { Run } from '../domain/run.js';
import { RunChangedError, type RunFilter } from '../runs.store.js';
import { aRun, JOURNAL, NOW_MS } from '../test-support/a-run.js';
import { SqlRunsStore } from './sql-runs.store.js';

const EVERYTHING: RunFilter = { limit: 10, state: null, agent: null, script: null, retryOf: null, before: null };
const id = (n: number): RunId => `019b7600-0000-7000-8000-${String(n).padStart(12, '0')}` as RunId;

describeOnEveryDatabase('the store of runs', (openDb) => {
  let db: Database;
  let store: SqlRunsStore;
  let agentId: AgentId;
  let made = 0;

  beforeEach(async () => {
    db ??= await openDb();
    store = new SqlRunsStore(db);
    // One store for the suite; an agent of its own for each test keeps them apart.
    made += 1;
    agentId = `019b7600-0000-7000-8000-aaaaaaaa${String(made).padStart(4, '0')}` as AgentId;
  });

  let runs = 0;
  const insert = async (overrides: Partial<Run> = {}): Promise<Run> => {
    runs += 1;
    const run = aRun({ id: id(runs), agentId, agentName: `agent-${made}`, ...overrides });
    await db.write((trx) => store.insert(trx, run));
    return run;
  };
  const update = (before: Run, after: Partial<Run>) =>
    db.write((trx) => store.update(trx, before, { ...before, ...after }));
  const named = (filter: Partial<RunFilter> = {}) => store.list({ ...EVERYTHING, agent: agentId, ...filter });

  it('gives back what was put in', async () => {
    const run = await insert({
      state: 'running',
      params: { text: "'; drop table runs; --", odd: '%_\\ é \u{1f600}', count: 3, flag: true },
      acked: { stdout: 2 ** 40, stderr: 7 },
      tails: { stdout: { offset: 2 ** 41, length: 65_536, missing: 7 } },
      lateResult: { kind: 'lost', atMs: 5, exitCode: null, signal: null, killedBy: null, why: 'x' },
    });
    expect(await store.find(run.id)).toEqual(run);
    expect(await store.find(id(999_999))).toBeUndefined();
  });

  it.each([
    ['rev', { rev: 5 }],
    ['state', { state: 'dispatched' as const }],
  ])('refuses a change from a stale %s, and changes nothing then', async (_what, stale) => {
    const run = await insert();
    await expect(update({ ...run, ...stale }, { rev: 6, inDoubt: 3 })).rejects.toThrow(RunChangedError);
    expect(await store.find(run.id)).toEqual(run);
  });

  it('lets one of two changes from the same revision win', async () => {
    const run = await insert();
    const both = await Promise.allSettled([update(run, { rev: 1, inDoubt: 1 }), update(run, { rev: 1, inDoubt: 2 })]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('never lets a final row change its state, even by a statement of its own', async () => {
    const run = await insert({ state: 'succeeded', executed: 'yes', exitCode: 0 });
    await expect(update(run, { rev: 1, state: 'failed' })).rejects.toThrow();
    await update(run, {
      rev: 1,
      lateResult: { kind: 'result', atMs: 1, exitCode: 1, signal: null, killedBy: null, why: null },
    });
    expect(await store.find(run.id)).toMatchObject({ state: 'succeeded', lateResult: { exitCode: 1 } });
  });

  it('lists the newest first, in pages and by filters that are taken to the letter', async () => {
    const first = await insert({ script: 'a_b' });
    const second = await insert({ script: 'aXb', state: 'running' });
    expect((await named()).map((run) => run.id)).toEqual([second.id, first.id]);
    expect((await named({ before: second.id })).map((run) => run.id)).toEqual([first.id]);
    expect((await named({ script: 'a_b' })).map((run) => run.id)).toEqual([first.id]);
    expect((await named({ state: 'running' })).map((run) => run.id)).toEqual([second.id]);
    expect((await named({ agent: `agent-${made}` })).length).toBe(2);
    expect(await named({ script: '%' })).toEqual([]);
    expect(await named({ agent: "' or 1=1 --" })).toEqual([]);
  });

  it('finds what may be offered: queued, and dispatched when its time has come, of scripts that are not held', async () => {
    const queued = await insert();
    const due = await insert({ state: 'dispatched', nextOfferAtMs: NOW_MS });
    await insert({ state: 'dispatched', nextOfferAtMs: NOW_MS + 1 });
    await insert({ state: 'running' });
    await insert({ deliverByMs: NOW_MS });
    await insert({ restored: true });
    const held = await insert({ script: 'held' });
    const found = async (notScripts: readonly string[]) =>
      (await store.listOfferable(agentId, NOW_MS, 10, notScripts)).map((run) => run.id);
    expect(await found([])).toEqual([queued.id, due.id, held.id]);
    expect(await found(['held'])).toEqual([queued.id, due.id]);
  });

  it('takes a pause that is longer than any for one of a clock that was set back, but not the lease of a 0.2 agent', async () => {
    const journalId = 'a'.repeat(32) as JournalId;
    const dispatched = { state: 'dispatched', journalId } as const;
    const far = await insert({ ...dispatched, nextOfferAtMs: NOW_MS + 30_001 });
    await insert({ ...dispatched, nextOfferAtMs: NOW_MS + 30_000 });
    await insert({ ...dispatched, journalId: null, nextOfferAtMs: NOW_MS + 30_001 });
    expect((await store.listOfferable(agentId, NOW_MS, 10, [])).map((run) => run.id)).toEqual([far.id]);
    const cancelled = await insert({ ...dispatched, cancelRequested: true, nextOfferAtMs: NOW_MS + 30_001 });
    expect((await store.listCancelling(NOW_MS, 100)).map((run) => run.id)).toContain(cancelled.id);
  });

  it('finds what is overdue, never what runs', async () => {
    const queued = await insert({ deliverByMs: NOW_MS });
    const dispatched = await insert({ state: 'dispatched', deliverByMs: NOW_MS - 1 });
    await insert({ state: 'running', deliverByMs: NOW_MS - 1 });
    await insert({ state: 'expired', executed: 'no', deliverByMs: NOW_MS - 1 });
    await insert();
    const own = (await store.listOverdue(NOW_MS, 1000)).filter((run) => run.agentId === agentId);
    expect(own.map((run) => run.id)).toEqual([queued.id, dispatched.id]);
  });

  it('finds first what is due first, so that many runs of agents that do not answer hold nobody up', async () => {
    await insert({ state: 'dispatched', deliverByMs: NOW_MS, nextOfferAtMs: NOW_MS + 30_000 });
    const queued = await insert({ deliverByMs: NOW_MS, nextOfferAtMs: 1 });
    expect((await store.listOverdue(NOW_MS, 1)).map((run) => run.id)).toEqual([queued.id]);
  });

  it('finds cancelled runs whose agent has to be told now, never those of the queue', async () => {
    const due = await insert({ state: 'dispatched', cancelRequested: true, nextOfferAtMs: NOW_MS });
    const crossed = await insert({ state: 'running', cancelRequested: true, nextOfferAtMs: null });
    await insert({ state: 'running', cancelRequested: true, nextOfferAtMs: NOW_MS + 1 });
    await insert({ state: 'running' });
    await insert({ state: 'cancelled', executed: 'no', cancelRequested: true });
    const own = (await store.listCancelling(NOW_MS, 1000)).filter((run) => run.agentId === agentId);
    expect(new Set(own.map((run) => run.id))).toEqual(new Set([due.id, crossed.id]));
  });

  it('lists what was asked for in place of a run', async () => {
    const old = await insert({ state: 'failed', executed: 'yes', exitCode: 1 });
    const first = await insert({ retryOf: old.id, cancelWhy: 'wrong host' });
    const second = await insert({ retryOf: old.id });
    expect((await named({ retryOf: old.id })).map((run) => run.id)).toEqual([second.id, first.id]);
    expect(await store.find(first.id)).toEqual(first);
    expect(await named({ retryOf: first.id })).toEqual([]);
  });

  it('finds live runs of one agent, inside a write too', async () => {
    const live = await insert({ state: 'dispatched', journalId: JOURNAL });
    await insert({ state: 'failed', executed: 'yes', exitCode: 1 });
    expect((await store.listLive(agentId)).map((run) => run.id)).toEqual([live.id]);
    expect((await db.write((trx) => store.findLiveForChange(trx, agentId))).map((run) => run.id)).toEqual([live.id]);
  });

  it('keeps output byte for byte and reads it from any offset', async () => {
    const run = await insert();
    const pieces = [Buffer.from([0xff, 0x00, 0xc3]), Buffer.from([0xa9, 0x0a]), Buffer.alloc(5000, 'x')];
    let offset = 0;
    for (const piece of pieces) {
      const at = offset;
      await db.write((trx) => store.appendOutput(trx, run.id, 'stdout', at, piece));
      offset += piece.length;
    }
    const whole = Buffer.concat(pieces);
    const read = async (from: number, most: number) =>
      Buffer.from(await store.readOutput(run.id, 'stdout', from, most));
    expect((await read(0, 10_000)).equals(whole)).toBe(true);
    expect((await read(4, 10_000)).equals(whole.subarray(4))).toBe(true);
    expect((await read(0, 1)).equals(whole.subarray(0, 3))).toBe(true);
    expect(await read(whole.length, 10)).toHaveLength(0);
    expect(await store.readOutput(run.id, 'stderr', 0, 10)).toHaveLength(0);
    const digest = await db.write((trx) => store.digestOutput(trx, run.id, 'stdout'));
    expect(digest).toBe(createHash('sha256').update(whole).digest('hex'));

    await db.write((trx) => store.deleteOutput(trx, run.id, 'stdout'));
    expect(await read(0, 10)).toHaveLength(0);
  });

  it('reads up to a gap and on behind it, and knows where the last piece ends', async () => {
    const run = await insert();
    const endOf = () => db.write((trx) => store.findOutputEnd(trx, run.id, 'stdout'));
    expect(await endOf()).toBe(0);
    const far = 2 ** 41;
    await db.write((trx) => store.appendOutput(trx, run.id, 'stdout', 0, Buffer.from('begin')));
    expect(await endOf()).toBe(5);
    await db.write((trx) => store.appendOutput(trx, run.id, 'stdout', far, Buffer.from('end')));
    expect(await endOf()).toBe(far + 3);
    const read = async (at: number) => Buffer.from(await store.readOutput(run.id, 'stdout', at, 100)).toString();
    expect([await read(0), await read(5), await read(far - 1), await read(far), await read(far + 3)]).toEqual([
      'begin',
      '',
      '',
      'end',
      '',
    ]);
  });

  it('refuses the same piece of output twice', async () => {
    const run = await insert();
    const append = () => db.write((trx) => store.appendOutput(trx, run.id, 'stdout', 0, Buffer.from('x')));
    await append();
    await expect(append()).rejects.toThrow(RunChangedError);
  });
});

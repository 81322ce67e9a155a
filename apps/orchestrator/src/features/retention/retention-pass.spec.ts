import { Test, type TestingModule } from '@nestjs/testing';
import type { AgentId, RunId } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { describeOnEveryDatabase, MovedClock } from '@scriptmesh/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aStoredRun } from '../../test-support/a-stored-run.js';
import { KeptLog, someSettings, surroundingsOn } from '../../test-support/surroundings.js';
import { RunsModule, RunsStore, type Run } from '../runs/index.js';
import { SqlRetentionStore } from './adapters/sql-retention.store.js';
import { RetentionPass } from './retention-pass.js';
import { RetentionSchedule } from './retention-schedule.js';

const DAY_MS = 86_400_000;
const id = (n: number): RunId => `019b7600-0000-7000-8000-${String(n).padStart(12, '0')}` as RunId;
const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;

describeOnEveryDatabase('retention', (openDb) => {
  let db: Database;
  let nest: TestingModule;
  let runs: RunsStore;
  let clock: MovedClock;
  let log: KeptLog;

  beforeEach(async () => {
    db = await openDb();
    nest = await Test.createTestingModule({ imports: [surroundingsOn(db).module, RunsModule] }).compile();
    runs = nest.get(RunsStore);
    clock = new MovedClock();
    log = new KeptLog();
  });
  afterEach(() => nest.close());

  /** @param ageDays since its end */
  const insert = async (n: number, ageDays: number, fields: Partial<Run> = {}, bytes = 0): Promise<void> => {
    const endedMs = clock.nowMs() - ageDays * DAY_MS;
    const times = { createdAtMs: endedMs - 1000, finishedAtMs: endedMs };
    const acked = { stdout: bytes, stderr: 0 };
    const run = aStoredRun(id(n), AGENT, { state: 'succeeded', executed: 'yes', ...times, acked, ...fields });
    await db.write(async (trx) => {
      await runs.insert(trx, run);
      for (let at = 0; at < bytes; at += 10) {
        await runs.appendOutput(trx, run.id, 'stdout', at, Buffer.alloc(Math.min(10, bytes - at), 'x'));
      }
    });
  };
  const live = (state: 'queued' | 'dispatched' | 'running') => ({ state, executed: null, finishedAtMs: null });
  const pass = (settings: Parameters<typeof someSettings>[0] = {}) =>
    new RetentionPass(new SqlRetentionStore(db), someSettings(settings), clock, log);
  const left = async (): Promise<number[]> =>
    (await db.read.selectFrom('runs').select('id').orderBy('id').execute()).map((row) => Number(row.id.slice(-12)));
  const outputs = async (): Promise<number[]> => {
    const rows = await db.read.selectFrom('run_output').select('run_id').distinct().orderBy('run_id').execute();
    return rows.map((row) => Number(row.run_id.slice(-12)));
  };

  it('removes what ended too long ago, with its output, and never what has not ended', async () => {
    await insert(1, 40, live('running'), 25);
    await insert(2, 31, {}, 25);
    await insert(3, 40, live('queued'));
    await insert(4, 29, {}, 25);
    // Asked for long ago, ended today.
    await insert(5, 0, { createdAtMs: clock.nowMs() - 90 * DAY_MS });

    expect(await pass().run()).toEqual({ runs: 1, outputs: 0 });

    expect(await left()).toEqual([1, 3, 4, 5]);
    expect(await outputs()).toEqual([1, 4]);
    expect(await runs.findPrunedThrough()).toBe(id(2));
    expect(await pass().run()).toEqual({ runs: 0, outputs: 0 });
  });

  it('removes the oldest ended runs when there are too many', async () => {
    for (let n = 1; n <= 8; n += 1) await insert(n, 1, n === 2 ? live('dispatched') : {});
    await pass({ runRetentionCount: 3 }).run();
    expect(await left()).toEqual([2, 6, 7, 8]);
    expect(await runs.findPrunedThrough()).toBe(id(5));
  });

  it('works through many, in batches', async () => {
    for (let n = 1; n <= 730; n += 1) await insert(n, 1);
    expect(await pass({ runRetentionCount: 600 }).run()).toEqual({ runs: 130, outputs: 0 });
    expect((await left()).length).toBe(600);
    expect((await left())[0]).toBe(131);
  });

  it('removes the end of a long output together with its beginning', async () => {
    for (const n of [1, 2]) {
      await insert(n, 1, { tails: { stdout: { offset: 9000, length: 600, missing: 8600 } } }, 400);
      await db.write((trx) => runs.appendOutput(trx, id(n), 'stdout', 9000, Buffer.alloc(600, 'y')));
    }
    expect(await pass({ runRetentionBytes: 1024 }).run()).toEqual({ runs: 0, outputs: 1 });
    expect(await outputs()).toEqual([2]);
    expect(await runs.find(id(1))).toMatchObject({ outputPrunedAtMs: clock.nowMs() });
  });

  it('removes the oldest output when it is too much, says so in the row, and leaves the run', async () => {
    for (let n = 1; n <= 5; n += 1) await insert(n, 1, n === 1 ? live('running') : {}, 400);
    expect(await pass({ runRetentionBytes: 1024 }).run()).toEqual({ runs: 0, outputs: 2 });

    expect(await left()).toEqual([1, 2, 3, 4, 5]);
    expect(await outputs()).toEqual([1, 4, 5]);
    const pruned = await runs.find(id(3));
    expect(pruned).toMatchObject({ state: 'succeeded', outputPrunedAtMs: clock.nowMs(), acked: { stdout: 400 } });
    expect((await runs.find(id(4)))?.outputPrunedAtMs).toBeNull();
    expect(await pass({ runRetentionBytes: 1024 }).run()).toEqual({ runs: 0, outputs: 0 });
  });

  it('finishes what an interrupted pass has begun', async () => {
    await insert(1, 1, {}, 2000);
    await insert(2, 1, {}, 10);
    await db.write((trx) => trx.updateTable('runs').set({ output_pruned_at: 5 }).where('id', '=', id(1)).execute());
    await pass({ runRetentionBytes: 1024 }).run();
    expect(await outputs()).toEqual([2]);
    expect((await runs.find(id(1)))?.outputPrunedAtMs).toBe(5);
  });

  it('lets evidence that comes meanwhile win over the note, and the other way round', async () => {
    await insert(1, 1, {}, 400);
    const before = (await runs.find(id(1))) as Run;
    await new SqlRetentionStore(db).pruneOutput([id(1)], 77);
    const late = { ...before, rev: before.rev + 1, reason: before.reason };
    await expect(db.write((trx) => runs.update(trx, before, late))).rejects.toThrow('has changed');
  });

  it('makes a pass a minute after the start and then every ten, and none after the end', async () => {
    await insert(1, 31);
    const schedule = new RetentionSchedule(pass(), clock, log);
    schedule.onApplicationBootstrap();
    await clock.advance(59_000);
    expect(await left()).toEqual([1]);
    await clock.advance(1_000);
    await expect.poll(left).toEqual([]);
    await expect.poll(() => clock.waitingTimers).toBe(1);
    await insert(2, 31);
    await clock.advance(600_000);
    await expect.poll(left).toEqual([]);
    await schedule.onApplicationShutdown();
    expect(clock.waitingTimers).toBe(0);
  });
});

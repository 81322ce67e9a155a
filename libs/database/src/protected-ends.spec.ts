import { describeOnEveryDatabase } from '@scriptmesh/testing';
import { sql } from 'kysely';
import { beforeAll, expect, it } from 'vitest';
import type { Database } from './database.js';
import type { RunsTable } from './schema.js';
import { runRow } from './test-support/rows.js';

const CHANGES: Readonly<Partial<RunsTable>>[] = [
  { id: 'another' },
  { agent_id: 'another' },
  { agent_name: 'another' },
  { script: 'another' },
  { params: '{"a":1}' },
  { state: 'succeeded' },
  { executed: 'no' },
  { journal_id: 'another' },
  { started: 0 },
  { principal: 'another' },
  { origin: 'agent' },
  { created_at: 77 },
  { dispatched_at: 77 },
  { started_at: 77 },
  { finished_at: 77 },
  { deliver_by: 77 },
  { timeout_ms: 77 },
  { effective_timeout_ms: 77 },
  { script_sha: 'another' },
  { exit_code: 0 },
  { signal: 'SIGKILL' },
  { killed_by: 'cancelled' },
  { reason_code: 'run/stale' },
  { reason: 'another' },
  { truncated: 1 },
  { stdout_bytes: 77 },
  { stderr_bytes: 77 },
  { dropped_bytes: 77 },
  { retry_of: 'another' },
  { tails: '{}' },
];

describeOnEveryDatabase('the end of a run in the database', (openDb) => {
  let db: Database;
  beforeAll(async () => {
    db = await openDb();
    const ended = { ...runRow('ended'), state: 'failed', executed: 'yes', exit_code: 3, started: 1 };
    const live = ['queued', 'dispatched', 'running'].map((state) => ({ ...runRow(state), state }));
    await db.write((trx) =>
      trx
        .insertInto('runs')
        .values([ended, ...live])
        .execute(),
    );
    const output = { run_id: 'ended', stream: 'stdout', start_offset: 0, bytes: Buffer.from('all') };
    await db.write((trx) => trx.insertInto('run_output').values(output).execute());
  });
  const ids = async () => (await db.read.selectFrom('runs').select('id').orderBy('id').execute()).map(({ id }) => id);

  it.each(CHANGES.map((change) => [Object.keys(change)[0], change] as const))(
    'refuses a change of %s',
    async (_, change) => {
      const update = db.write((trx) => trx.updateTable('runs').set(change).where('id', '=', 'ended').execute());
      await expect(update).rejects.toThrow('a run that has ended does not change');
    },
  );

  it('takes later evidence and the note that output was pruned', async () => {
    const news = { rev: 1, late_result: '{}', output_pruned_at: 5 };
    await db.write((trx) => trx.updateTable('runs').set(news).where('id', '=', 'ended').execute());
    const row = await db.read.selectFrom('runs').selectAll().where('id', '=', 'ended').executeTakeFirst();
    expect(row).toMatchObject({ ...news, state: 'failed', exit_code: 3 });
  });

  it.each(['queued', 'dispatched', 'running'])('does not delete a run that is %s', async (id) => {
    const deletion = db.write((trx) => trx.deleteFrom('runs').where('id', '=', id).execute());
    await expect(deletion).rejects.toThrow('a run that has not ended is not deleted');
    expect(await ids()).toContain(id);
  });

  it('deletes nothing when one of several has not ended', async () => {
    await expect(db.write((trx) => trx.deleteFrom('runs').execute())).rejects.toThrow('is not deleted');
    if (db.engine === 'postgres') {
      await expect(db.write((trx) => sql`truncate runs cascade`.execute(trx))).rejects.toThrow('is not deleted');
    }
    expect(await ids()).toEqual(['dispatched', 'ended', 'queued', 'running']);
  });

  it('does not change stored output', async () => {
    const update = db.write((trx) =>
      trx
        .updateTable('run_output')
        .set({ bytes: Buffer.from('els') })
        .execute(),
    );
    await expect(update).rejects.toThrow('stored output does not change');
  });

  it('deletes a run that has ended, with its output', async () => {
    await db.write((trx) => trx.deleteFrom('runs').where('id', '=', 'ended').execute());
    expect(await ids()).not.toContain('ended');
    expect(await db.read.selectFrom('run_output').selectAll().execute()).toEqual([]);
  });

  it('counts on from where it was raised to, and is never lowered', async () => {
    await db.raiseStoreSeq(5000);
    expect(await db.readStoreSeq()).toBeGreaterThanOrEqual(5000);
    await db.raiseStoreSeq(10);
    await db.write((trx) => trx.insertInto('meta').values({ key: 'x', value: '' }).execute());
    expect(db.storeSeq).toBeGreaterThan(5000);
    expect(await db.readStoreSeq()).toBe(db.storeSeq);
  });
});

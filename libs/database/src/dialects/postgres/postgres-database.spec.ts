import { randomUUID } from 'node:crypto';
import { startPostgres, type TestPostgres } from '@scriptmesh/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../database.js';
import { openDatabase } from '../../open-database.js';

let postgres: TestPostgres | undefined;
let reason = '';
try {
  postgres = await startPostgres();
} catch (error) {
  reason = ` (skipped: ${String(error)})`;
}
afterAll(() => postgres?.stop());

const open = (url: string | undefined) => openDatabase({ url: url ?? 'postgres://nowhere', file: '' });

describe.skipIf(!postgres)(`PostgreSQL${reason}`, () => {
  let first: Database;
  let second: Database;
  let url: string | undefined;
  beforeAll(async () => {
    url = await postgres?.freshDatabaseUrl();
    // At once, on an empty database: both want to migrate it.
    [first, second] = await Promise.all([open(url), open(url)]);
  });
  afterAll(() => Promise.all([first.close(), second.close()]));

  it('serves several orchestrators, which share the count of commits', async () => {
    await insertMeta(first, 'of the first');
    await insertMeta(second, 'of the second');

    expect(second.storeSeq).toBeGreaterThan(first.storeSeq);
    expect(await first.read.selectFrom('meta').selectAll().where('key', 'like', 'of the %').execute()).toHaveLength(2);
  });

  it('goes on counting commits where the database stands', async () => {
    const third = await open(url);
    const stands = Math.max(first.storeSeq, second.storeSeq);
    await third.close();

    expect(third.storeSeq).toBeGreaterThanOrEqual(stands);
    expect(stands).toBeGreaterThan(0);
  });

  it('commits to the disk, reads without a right to write', async () => {
    const commit = await first.write((trx) => sql`show synchronous_commit`.execute(trx));
    const read = await sql`show transaction_read_only`.execute(first.read);

    expect([commit.rows, read.rows]).toEqual([[{ synchronous_commit: 'on' }], [{ transaction_read_only: 'on' }]]);
  });

  it('tries a work again that lost a deadlock', async () => {
    await insertMeta(first, 'left');
    await insertMeta(first, 'right');
    let calls = 0;
    const met = meeting(2);
    const crosswise = (database: Database, keys: readonly [string, string]) =>
      database.write(async (trx) => {
        calls += 1;
        await trx.updateTable('meta').set({ value: randomUUID() }).where('key', '=', keys[0]).execute();
        await met();
        await trx.updateTable('meta').set({ value: randomUUID() }).where('key', '=', keys[1]).execute();
      });

    await Promise.all([crosswise(first, ['left', 'right']), crosswise(second, ['right', 'left'])]);

    expect(calls).toBe(3);
  });

  it('refuses to empty the audit table', async () => {
    await expect(first.write((trx) => sql`truncate audit`.execute(trx))).rejects.toThrow('append-only');
  });

  it('answers store/unavailable to a write whose connection breaks, and goes on with a new one', async () => {
    const broken = first.write(async (trx) => {
      await trx.insertInto('meta').values({ key: 'broken', value: 'x' }).execute();
      const [me] = (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx)).rows;
      await second.write((other) => sql`select pg_terminate_backend(${me?.pid})`.execute(other));
      await trx.insertInto('meta').values({ key: 'after', value: 'x' }).execute();
    });

    await expect(broken).rejects.toMatchObject({ code: 'store/unavailable' });
    await insertMeta(first, 'broken');
  });
});

describe('opening', () => {
  it('answers store/unavailable when nothing listens, without the password', async () => {
    const error = await open('postgres://me:hunter2@127.0.0.1:1/none').catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'store/unavailable' });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('hunter2');
  });

  it('refuses the address of another kind of database, without showing it', async () => {
    const error = await open('mysql://me:hunter2@127.0.0.1/none').catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'settings/invalid' });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('hunter2');
  });
});

const insertMeta = (database: Database, key: string) =>
  database.write((trx) => trx.insertInto('meta').values({ key, value: 'x' }).execute());

/** Each call waits until `count` have been made; later ones do not wait. */
function meeting(count: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void;
  const all = new Promise<void>((resolve) => (open = resolve));
  return () => {
    arrived += 1;
    if (arrived >= count) open();
    return all;
  };
}

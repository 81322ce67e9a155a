import { describeOnEveryDatabase } from '@scriptmesh/testing';
import { sql, type Kysely } from 'kysely';
import { beforeEach, expect, it } from 'vitest';
import type { Database, Writer } from '../database.js';
import { postgresSchema } from '../dialects/postgres/postgres-schema.js';
import { sqliteSchema } from '../dialects/sqlite/sqlite-schema.js';
import { ALL_MIGRATIONS } from './all-migrations.js';
import { migrate } from './migrate.js';
import type { Migration } from './migration.js';

const next = ALL_MIGRATIONS.length + 1;

it('numbers migrations from 1 without gaps', () => {
  expect(ALL_MIGRATIONS.map(({ number }) => number)).toEqual(ALL_MIGRATIONS.map((_, index) => index + 1));
});

describeOnEveryDatabase('migrating', (openDb) => {
  let database: Database;
  beforeEach(async () => {
    database = await openDb();
  });

  it('does nothing to a schema that is up to date', async () => {
    await expect(runAll(database, ALL_MIGRATIONS)).resolves.toBeUndefined();
  });

  it('refuses a database of a newer program, names both numbers and touches nothing', async () => {
    await runAll(database, [...ALL_MIGRATIONS, adds('from_the_future', next)]);

    const older = runAll(database, ALL_MIGRATIONS, () => {
      throw new Error('touched');
    });

    await expect(older).rejects.toMatchObject({
      code: 'store/newer-schema',
      facts: { applied: next, newest: ALL_MIGRATIONS.length },
    });
  });

  it('leaves nothing of a migration that broke half-way, and completes when run again', async () => {
    const breaks: Migration = {
      ...adds('half', next),
      async up(db) {
        await sql`create table half (a integer)`.execute(db);
        throw new Error('killed');
      },
    };
    await expect(runAll(database, [...ALL_MIGRATIONS, breaks])).rejects.toThrow('killed');

    await runAll(database, [...ALL_MIGRATIONS, adds('half', next)]);

    expect((await sql`select * from half`.execute(database.read)).rows).toEqual([]);
    const recorded = await sql<{ number: number }>`select number from schema_migrations order by number`.execute(
      database.read,
    );
    expect(recorded.rows.map(({ number }) => number)).toEqual([...ALL_MIGRATIONS.map(({ number }) => number), next]);
  });
});

const adds = (table: string, number: number): Migration => ({
  number,
  name: `adds ${table}`,
  up: async (db) => {
    await sql`create table ${sql.table(table)} (a integer)`.execute(db);
  },
});

/** Runs migrations inside a write: the store does not give its connection away. */
async function runAll(database: Database, migrations: readonly Migration[], beforeChange?: () => void): Promise<void> {
  const dialect = database.engine === 'sqlite' ? sqliteSchema : postgresSchema;
  await database.write((trx) =>
    migrate(joining(trx), dialect, 0, { migrations, ...(beforeChange ? { beforeChange } : {}) }),
  );
}

/** `transaction()` of a transaction is the transaction itself. */
function joining(trx: Writer): Kysely<unknown> {
  const inner = trx as unknown as Kysely<unknown>;
  return {
    getExecutor: () => inner.getExecutor(),
    schema: inner.schema,
    transaction: () => ({ execute: (work: (db: Kysely<unknown>) => Promise<void>) => work(joining(trx)) }),
  } as unknown as Kysely<unknown>;
}

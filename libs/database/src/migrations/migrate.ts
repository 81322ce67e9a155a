import { MeshError } from '@scriptmesh/contracts';
import { sql, type Kysely } from 'kysely';
import type { SchemaDialect } from '../dialects/schema-dialect.js';
import { ALL_MIGRATIONS } from './all-migrations.js';
import type { Migration } from './migration.js';

const TABLE = 'schema_migrations';

interface MigrateOptions {
  readonly migrations?: readonly Migration[];
  /** Called when the schema is known to be ours, before anything is changed. */
  readonly beforeChange?: () => void;
  /** Called after that when a schema that is in use is about to be changed. */
  readonly beforeMigrating?: (applied: number) => void;
}

/**
 * Brings the database up to this program's schema. Each migration shares one transaction with the row that records
 * it, so one that was killed half-way has left nothing behind and runs again.
 * @throws MeshError store/newer-schema, with nothing touched, when a newer program has migrated the database
 */
export async function migrate(
  db: Kysely<unknown>,
  dialect: SchemaDialect,
  nowMs: number,
  { migrations = ALL_MIGRATIONS, beforeChange, beforeMigrating }: MigrateOptions = {},
): Promise<void> {
  const applied = await newestApplied(db, dialect);
  const newest = migrations.at(-1)?.number ?? 0;
  if (applied > newest) {
    throw new MeshError(
      'store/newer-schema',
      `the database was written by a newer program: its schema has number ${applied}, this program knows ${newest}`,
      { facts: { applied, newest } },
    );
  }
  beforeChange?.();
  if (applied > 0 && applied < newest) beforeMigrating?.(applied);
  for (const migration of migrations.filter(({ number }) => number > applied)) {
    await db.transaction().execute(async (trx) => {
      await dialect.lockMigrations(trx);
      await apply(trx, dialect, migration, nowMs);
    });
  }
}

async function apply(db: Kysely<unknown>, dialect: SchemaDialect, migration: Migration, nowMs: number): Promise<void> {
  // Another instance may have been faster while this one waited for the lock.
  if ((await newestApplied(db, dialect)) >= migration.number) return;
  if (migration.number === 1) await createBookkeeping(db, dialect);
  await migration.up(db, dialect);
  await sql`insert into ${sql.table(TABLE)} (number, name, applied_at)
    values (${migration.number}, ${migration.name}, ${nowMs})`.execute(db);
}

async function createBookkeeping(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await dialect
    .endTable(
      db.schema
        .createTable(TABLE)
        .addColumn('number', dialect.integer, (c) => c.primaryKey().notNull())
        .addColumn('name', dialect.text, (c) => c.notNull())
        .addColumn('applied_at', dialect.integer, (c) => c.notNull()),
    )
    .execute();
}

/** Number of the newest migration in the database; 0 = none. */
export async function newestApplied(db: Kysely<unknown>, dialect: SchemaDialect): Promise<number> {
  if (!(await dialect.hasTable(db, TABLE))) return 0;
  const found = await sql<{ newest: number | null }>`select max(number) as newest from ${sql.table(TABLE)}`.execute(db);
  return found.rows[0]?.newest ?? 0;
}

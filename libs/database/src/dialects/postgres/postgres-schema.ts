import { sql, type Kysely } from 'kysely';
import type { FrozenColumns, RefusedChange, SchemaDialect } from '../schema-dialect.js';

// Any number that no other program uses for an advisory lock in this database.
const MIGRATION_LOCK = 5_277_410_301;

const run = (db: Kysely<unknown>, text: string) => sql.raw(text).execute(db);

export const postgresSchema: SchemaDialect = {
  engine: 'postgres',
  text: sql`text collate "C"`,
  integer: 'bigint',
  bytes: 'bytea',
  identityType: 'bigint',
  identity: (column) => column.primaryKey().generatedAlwaysAsIdentity(),
  endTable: (table) => table,

  async makeAppendOnly(db, table) {
    const refuse = await createRefusal(db, `${table}_append_only`, `${table} is append-only`);
    await run(
      db,
      `create trigger ${table}_refuses_change before update or delete on ${table} for each row execute function ${refuse}`,
    );
    await run(
      db,
      `create trigger ${table}_refuses_truncate before truncate on ${table} for each statement execute function ${refuse}`,
    );
  },

  async freezeColumns(db, { table, columns, when, message }: FrozenColumns) {
    const refuse = await createRefusal(db, `${table}_frozen`, message);
    const changed = columns.map((column) => `new.${column} is distinct from old.${column}`).join(' or ');
    await run(
      db,
      `create trigger ${table}_frozen before update on ${table} for each row
       when ((${when}) and (${changed})) execute function ${refuse}`,
    );
  },

  async dropFreeze(db, table) {
    await run(db, `drop trigger ${table}_frozen on ${table}`);
    await run(db, `drop function ${table}_frozen()`);
  },

  async dropRefusal(db, { table, change }) {
    await run(db, `drop trigger ${table}_refused_${change} on ${table}`);
    await run(db, `drop function ${table}_refused_${change}()`);
  },

  async refuseChange(db, { table, change, columns, when, message }: RefusedChange) {
    const name = `${table}_refused_${change}`;
    const refuse = await createRefusal(db, name, message);
    const changed = columns
      ? ` and (${columns.map((column) => `new.${column} is distinct from old.${column}`).join(' or ')})`
      : '';
    await run(
      db,
      `create trigger ${name} before ${change} on ${table} for each row
       when ((${when})${changed}) execute function ${refuse}`,
    );
    if (change !== 'delete') return;
    await run(
      db,
      `create trigger ${name}_all before truncate on ${table} for each statement execute function ${refuse}`,
    );
  },

  // A sequence and not a row of `meta`: every commit would wait for the one before it to let go of the row.
  async createStoreSeq(db) {
    await run(db, 'create sequence store_seq as bigint');
  },

  // Not to_regclass(): it may answer from a cache that is older than the lock of the migrations.
  async hasTable(db, table) {
    const found = await sql`
      select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relname = ${table} and c.relkind = 'r' and n.nspname = any (current_schemas(false))`.execute(db);
    return found.rows.length > 0;
  },

  async lockMigrations(db) {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(db);
  },
};

async function createRefusal(db: Kysely<unknown>, name: string, message: string): Promise<string> {
  await run(
    db,
    `create function ${name}() returns trigger language plpgsql as
     $$ begin raise exception '${message}' using errcode = 'restrict_violation'; end $$`,
  );
  return `${name}()`;
}

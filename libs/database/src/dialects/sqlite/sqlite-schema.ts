import { sql, type Kysely } from 'kysely';
import type { FrozenColumns, RefusedChange, SchemaDialect } from '../schema-dialect.js';

const run = (db: Kysely<unknown>, text: string) => sql.raw(text).execute(db);

/** STRICT tables: a column holds its type and nothing else, as on PostgreSQL. */
export const sqliteSchema: SchemaDialect = {
  engine: 'sqlite',
  text: 'text',
  integer: 'integer',
  bytes: 'blob',
  identityType: 'integer',
  identity: (column) => column.primaryKey().autoIncrement(),
  endTable: (table) => table.modifyEnd(sql`strict`),

  async makeAppendOnly(db, table) {
    for (const change of ['update', 'delete']) {
      await run(
        db,
        `create trigger ${table}_refuses_${change} before ${change} on ${table}
         begin select raise(abort, '${table} is append-only'); end`,
      );
    }
  },

  async freezeColumns(db, { table, columns, when, message }: FrozenColumns) {
    const changed = columns.map((column) => `new.${column} is not old.${column}`).join(' or ');
    await run(
      db,
      `create trigger ${table}_frozen before update on ${table} when (${when}) and (${changed})
       begin select raise(abort, '${message}'); end`,
    );
  },

  async dropFreeze(db, table) {
    await run(db, `drop trigger ${table}_frozen`);
  },

  async dropRefusal(db, { table, change }) {
    await run(db, `drop trigger ${table}_refused_${change}`);
  },

  async refuseChange(db, { table, change, columns, when, message }: RefusedChange) {
    const changed = columns
      ? ` and (${columns.map((column) => `new.${column} is not old.${column}`).join(' or ')})`
      : '';
    await run(
      db,
      `create trigger ${table}_refused_${change} before ${change} on ${table} when (${when})${changed}
       begin select raise(abort, '${message}'); end`,
    );
  },

  // A row of `meta` is enough: there is one writer, so nobody waits for it.
  async createStoreSeq(db) {
    await run(db, `insert into meta (key, value) values ('store_seq', '0')`);
  },

  async hasTable(db, table) {
    const found = await sql`select 1 from sqlite_master where type = 'table' and name = ${table}`.execute(db);
    return found.rows.length > 0;
  },

  // The lock file keeps every other program out already.
  async lockMigrations() {},
};

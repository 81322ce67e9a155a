/** Kysely on one connection of libsql: as a reader, as the writer of one transaction, and whole for migrations. */
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  Transaction,
  type Dialect,
  type KyselyProps,
} from 'kysely';
import type { Reader, Writer } from '../../database.js';
import type { Schema } from '../../schema.js';
import { DirectExecutor } from './direct-executor.js';
import { ImmediateSqliteDriver } from './immediate-sqlite-driver.js';
import type { SqliteConnection } from './sqlite-connection.js';

export const readerOn = (connection: SqliteConnection): Reader =>
  new Kysely<Schema>(propsOf(new DirectExecutor(connection)));

/** @returns the writer of the transaction that is open on the connection; `end` makes it refuse from then on */
export function writerOn(connection: SqliteConnection): { readonly trx: Writer; end(): void } {
  const executor = new DirectExecutor(connection);
  return { trx: new Transaction<Schema>(propsOf(executor)), end: () => executor.end() };
}

/** With Kysely's own transactions, for one that uses the connection alone. */
export function migratorOn(connection: SqliteConnection): Kysely<unknown> {
  return new Kysely({ dialect: dialectWith(() => new ImmediateSqliteDriver(connection)) });
}

const dialectWith = (createDriver: Dialect['createDriver']): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver,
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

const UNUSED_DRIVER = new DummyDriver();
const DIALECT = dialectWith(() => UNUSED_DRIVER);

const propsOf = (executor: DirectExecutor): KyselyProps => ({
  config: { dialect: DIALECT },
  driver: UNUSED_DRIVER,
  executor,
  dialect: DIALECT,
});

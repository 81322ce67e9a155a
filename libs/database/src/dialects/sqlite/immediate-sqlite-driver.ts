import { CompiledQuery, SqliteDriver, type DatabaseConnection } from 'kysely';
import type { SqliteConnection } from './sqlite-connection.js';

/**
 * Kysely's driver, but a transaction takes the write lock at once (a busy file is noticed before any work was done),
 * and one that SQLite has undone by itself (disk full) is not rolled back a second time, which would hide the cause.
 */
export class ImmediateSqliteDriver extends SqliteDriver {
  constructor(private readonly sqlite: SqliteConnection) {
    super({ database: sqlite });
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.sqlite.inTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'));
  }
}

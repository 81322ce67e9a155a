import { MeshError } from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import { SystemClock, type Clock } from '@scriptmesh/runtime';
import type { Database } from './database.js';

interface OpenDatabaseOptions {
  /** `postgres://...`; null = SQLite in `file`. */
  readonly url: string | null;
  /** Absolute path of the SQLite file; made, with its folder, when missing. Not used with PostgreSQL. */
  readonly file: string;
  /** Gets a copy of a SQLite database before its schema is changed; without it there is none. */
  readonly backupFolder?: string;
  readonly clock?: Clock;
  /** Told of connections to PostgreSQL that broke. */
  readonly logger?: Logger;
}

/**
 * Opens the store and migrates it. Who opens it closes it.
 * @throws MeshError store/locked, store/newer-schema, store/unavailable, store/full, settings/invalid
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { url, file, backupFolder, clock, logger } = options;
  const nowMs = (clock ?? new SystemClock()).nowMs();
  // The driver that is not used is not loaded: each costs start time and memory.
  if (url === null) {
    const { SqliteStore } = await import('./dialects/sqlite/sqlite-database.js');
    const { backUpBeforeMigration } = await import('./dialects/sqlite/migration-backups.js');
    return SqliteStore.open(file, nowMs, (connection, applied) => {
      if (backupFolder === undefined) return;
      const copy = backUpBeforeMigration(connection, backupFolder, applied, nowMs);
      logger?.info('store.backed-up', { copy, schema: applied, why: 'the schema is about to change' });
    });
  }
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new MeshError('settings/invalid', 'DATABASE_URL does not start with postgres://', {
      hint: 'Set DATABASE_URL=postgres://USER:PASSWORD@HOST:PORT/DATABASE, or leave it out to use SQLite.',
    });
  }
  const { PostgresStore } = await import('./dialects/postgres/postgres-database.js');
  return PostgresStore.open(url, nowMs, logger);
}

import { MeshError } from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import { SystemClock, type Clock } from '@scriptmesh/runtime';
import type { Database } from './database.js';

interface OpenDatabaseOptions {
  /** `postgres://...`; null = SQLite in `file`. */
  readonly url: string | null;
  /** Absolute path of the SQLite file; made, with its folder, when missing. Not used with PostgreSQL. */
  readonly file: string;
  readonly clock?: Clock;
  /** Told of connections to PostgreSQL that broke. */
  readonly logger?: Logger;
}

/**
 * Opens the store and migrates it. Who opens it closes it.
 * @throws MeshError store/locked, store/newer-schema, store/unavailable, store/full, settings/invalid
 */
export async function openDatabase({ url, file, clock, logger }: OpenDatabaseOptions): Promise<Database> {
  const nowMs = (clock ?? new SystemClock()).nowMs();
  // The driver that is not used is not loaded: each costs start time and memory.
  if (url === null) {
    const { SqliteStore } = await import('./dialects/sqlite/sqlite-database.js');
    return SqliteStore.open(file, nowMs);
  }
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new MeshError('settings/invalid', 'DATABASE_URL does not start with postgres://', {
      hint: 'Set DATABASE_URL=postgres://USER:PASSWORD@HOST:PORT/DATABASE, or leave it out to use SQLite.',
    });
  }
  const { PostgresStore } = await import('./dialects/postgres/postgres-database.js');
  return PostgresStore.open(url, nowMs, logger);
}

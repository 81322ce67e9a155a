import type { Database } from '@scriptmesh/database';
import { afterAll, beforeAll, describe } from 'vitest';
import { closeTestDatabase, openTestDatabase } from './open-test-database.js';
import { findPostgres } from './postgres-binaries.js';
import type { TestPostgres } from './postgres-server.js';

const START_TIMEOUT_MS = 60_000;

/**
 * Runs a suite on SQLite, and on PostgreSQL where one can be had. `openDb` gives an empty, migrated store; all that
 * it opened is closed after the suite. One server is started for each call, so call it once per file.
 */
export function describeOnEveryDatabase(name: string, suite: (openDb: () => Promise<Database>) => void): void {
  describe(`${name} on SQLite`, () => {
    suite(closedAfterwards(openTestDatabase));
  });

  const found = findPostgres();
  const reason = 'missing' in found ? ` (skipped: ${found.missing})` : '';
  describe.skipIf(reason !== '')(`${name} on PostgreSQL${reason}`, () => {
    let postgres: TestPostgres | undefined;
    beforeAll(async () => {
      const { startPostgres } = await import('./postgres-server.js');
      postgres = await startPostgres();
    }, START_TIMEOUT_MS);
    afterAll(() => postgres?.stop());
    suite(closedAfterwards(() => openOnPostgres(postgres)));
  });
}

function closedAfterwards(open: () => Promise<Database>): () => Promise<Database> {
  const opened: Database[] = [];
  afterAll(async () => {
    for (const database of opened) await closeTestDatabase(database);
  });
  return async () => {
    const database = await open();
    opened.push(database);
    return database;
  };
}

async function openOnPostgres(postgres: TestPostgres | undefined): Promise<Database> {
  if (!postgres) throw new Error('PostgreSQL has not been started: call openDb in a hook or a test');
  const { openDatabase } = await import('@scriptmesh/database');
  return openDatabase({ url: await postgres.freshDatabaseUrl(), file: '' });
}

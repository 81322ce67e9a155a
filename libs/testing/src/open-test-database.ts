import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@scriptmesh/database';

const folders = new WeakMap<Database, string>();

/** A migrated SQLite store in a fresh folder of its own. `closeTestDatabase` closes it and removes the folder. */
export async function openTestDatabase(): Promise<Database> {
  // Loaded here, so that specs which only want a clock do not load a database driver.
  const { openDatabase } = await import('@scriptmesh/database');
  const folder = await mkdtemp(join(tmpdir(), 'scriptmesh-db-'));
  const database = await openDatabase({ url: null, file: join(folder, 'scriptmesh.sqlite') });
  folders.set(database, folder);
  return database;
}

/** Closes a store of `openTestDatabase`; does nothing the second time. */
export async function closeTestDatabase(database: Database): Promise<void> {
  await database.close();
  const folder = folders.get(database);
  if (folder) await rm(folder, { recursive: true, force: true });
}

import { closeSync, fsyncSync, openSync } from 'node:fs';
import { MeshError } from '@scriptmesh/contracts';
import { SqliteConnection } from './sqlite-connection.js';

const OURS = ['schema_migrations', 'runs', 'meta'];

/** Opens a file for one piece of work, beside whoever has it open. */
export function withConnection<T>(file: string, work: (connection: SqliteConnection) => T): T {
  const connection = new SqliteConnection(file);
  try {
    return work(connection);
  } finally {
    connection.close();
  }
}

/** What is wrong with a database; undefined when it is whole and ours. @throws MeshError when it cannot be read at all */
export function findFault(connection: SqliteConnection): string | undefined {
  const [found] = connection.prepare('pragma integrity_check(1)').all([]) as { integrity_check: string }[];
  if (found?.integrity_check !== 'ok') return `it is damaged: ${found?.integrity_check}`;
  const names = OURS.map((name) => `'${name}'`).join();
  const tables = connection.prepare(`select 1 from sqlite_master where type = 'table' and name in (${names})`).all([]);
  return tables.length < OURS.length ? 'it is not a database of ScriptMesh' : undefined;
}

/** What was written to the file, or to the folder's list of names, is on the disk when this returns. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export const badBackup = (backup: string, why: string, cause?: unknown): MeshError =>
  new MeshError('store/bad-backup', `${backup} cannot be restored: ${why}`, { cause });

import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { findFault, syncPath, withConnection } from './database-file.js';
import type { SqliteConnection } from './sqlite-connection.js';

/** How long another writer may hold the file. */
const PATIENCE_MS = 10_000;
const PRIVATE = 0o600;

/**
 * Copies the database of an orchestrator that may be running: one read transaction, so the copy is the database of one
 * moment, and nobody waits. The copy is whole in one file, checked and on the disk before it gets its name.
 * @throws MeshError store/bad-backup, store/full, store/unavailable; nothing stands at `target` then
 */
export function backUpFile(file: string, target: string): void {
  if (!existsSync(file)) {
    throw new MeshError('store/unavailable', `there is no database at ${file}`, {
      hint: 'Name the home folder of the orchestrator: SCRIPT_MESH_HOME, or --home after "--".',
    });
  }
  withConnection(file, (connection) => {
    connection.prepare(`pragma busy_timeout = ${PATIENCE_MS}`).all([]);
    copyInto(connection, target);
  });
}

/** The same, of a connection that is open. @throws as `backUpFile` */
export function copyInto(connection: SqliteConnection, target: string): void {
  const partial = `${target}.partial`;
  checkPlace(target);
  try {
    // Made by us, so that nobody else can read it; SQLite takes an empty file.
    closeSync(openSync(partial, 'wx', PRIVATE));
    connection.prepare('vacuum into ?').run([partial]);
    check(partial, target);
    syncPath(partial);
    renameSync(partial, target);
    if (process.platform !== 'win32') syncPath(dirname(target));
  } catch (error) {
    for (const side of ['', '-wal', '-shm']) rmSync(partial + side, { force: true });
    throw error instanceof MeshError ? error : unwritable(target, error);
  }
}

function checkPlace(target: string): void {
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(target, error);
  }
  if (!existsSync(target)) {
    // What a backup that was ended half-way has left.
    rmSync(`${target}.partial`, { force: true });
    return;
  }
  throw new MeshError('store/bad-backup', `there is a file ${target} already, and a backup replaces none`, {
    hint: 'Name a file that is not there yet, as with the date in its name.',
  });
}

function check(partial: string, target: string): void {
  const fault = withConnection(partial, findFault);
  if (fault === undefined) return;
  throw new MeshError('store/bad-backup', `the copy for ${target} did not pass its check: ${fault}`, {
    hint: 'The database in use may be damaged: stop the orchestrator and look at it with "pragma integrity_check".',
  });
}

const unwritable = (target: string, cause: unknown): MeshError =>
  new MeshError('store/unavailable', `the backup cannot be written to ${target}`, {
    cause,
    hint: 'Check that its folder is writable and has room for the whole database.',
  });

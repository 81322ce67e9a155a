import { MeshError } from '@scriptmesh/contracts';

const UNAVAILABLE = [
  'SQLITE_BUSY',
  'SQLITE_CANTOPEN',
  'SQLITE_CORRUPT',
  'SQLITE_IOERR',
  'SQLITE_LOCKED',
  'SQLITE_NOMEM',
  'SQLITE_NOTADB',
  'SQLITE_PERM',
  'SQLITE_PROTOCOL',
  'SQLITE_READONLY',
];

/** Faults of the disk or the file become a MeshError; what a statement did wrong stays as it is. */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof MeshError) return error;
  const code = sqliteCode(error);
  if (code.startsWith('SQLITE_FULL')) {
    return new MeshError('store/full', 'the disk of the database is full', { cause: error, retryAfterSeconds: 30 });
  }
  if (UNAVAILABLE.some((name) => code.startsWith(name))) {
    return new MeshError('store/unavailable', `SQLite could not use the database file (${code})`, {
      cause: error,
      retryAfterSeconds: 1,
    });
  }
  return error;
}

// A file that cannot be opened has an empty code and its number at the end of the message.
function sqliteCode(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  if (code) return code;
  return /unable to open|ConnectionFailed/i.test(error.message) ? 'SQLITE_CANTOPEN' : '';
}

import { MeshError } from '@scriptmesh/contracts';

/** Classes of SQLSTATE that tell of the server and not of the statement. */
const UNAVAILABLE_CLASSES = ['08', '53', '57', '58', 'XX', '28', '3D'];
const READ_ONLY_SERVER = '25006';
const DISK_FULL = '53100';
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** Faults of the server or the connection become a MeshError; what a statement did wrong stays as it is. */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof MeshError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === DISK_FULL) {
    return new MeshError('store/full', 'the disk of the PostgreSQL server is full', {
      cause: error,
      retryAfterSeconds: 30,
    });
  }
  if (!tellsOfServer(code, error.message)) return error;
  return new MeshError('store/unavailable', `PostgreSQL did not answer${code ? ` (${code})` : ''}`, {
    cause: error,
    retryAfterSeconds: 1,
    hint: 'Try again; then check that the server of DATABASE_URL is running and can be reached.',
  });
}

function tellsOfServer(code: string, message: string): boolean {
  if (SQLSTATE.test(code) && !/^E[A-Z]{4}$/.test(code)) {
    return code === READ_ONLY_SERVER || UNAVAILABLE_CLASSES.includes(code.slice(0, 2));
  }
  // Errors of sockets (ECONNREFUSED, EPIPE, ...), and those that pg words itself, without a code.
  return /^E[A-Z]+$/.test(code) || /connection|timeout|not queryable/i.test(message);
}

/** The server chose this transaction to be undone so that another could go on; it may simply be tried again. */
export const mayBeTriedAgain = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01');

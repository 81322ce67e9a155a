import { MeshError } from '@scriptmesh/contracts';
import { SqliteConnection } from './sqlite-connection.js';

/**
 * Keeps a second orchestrator off a database file. SQLite alone would let both write, and each would take the runs
 * of the other for its own. The lock is an exclusive transaction on `<file>.lock` that is never ended: the system
 * lets go of it when the process dies, however it dies, so there is nothing to clean up.
 */
export class FileLock {
  private constructor(private readonly connection: SqliteConnection) {}

  /** @throws MeshError store/locked when another program holds it, store/unavailable when it cannot be made */
  static take(file: string): FileLock {
    const connection = new SqliteConnection(`${file}.lock`);
    try {
      connection.exec('pragma busy_timeout = 0');
      connection.exec('begin exclusive');
      return new FileLock(connection);
    } catch (error) {
      connection.close();
      throw isHeld(error) ? lockedError(file, error) : error;
    }
  }

  release(): void {
    this.connection.close();
  }
}

const isHeld = (error: unknown): boolean =>
  error instanceof MeshError && String((error.cause as { code?: unknown }).code).startsWith('SQLITE_BUSY');

const lockedError = (file: string, cause: unknown): MeshError =>
  new MeshError('store/locked', `another orchestrator is using the database file ${file}`, {
    cause,
    hint: 'Stop the other orchestrator. To run several, use PostgreSQL: set DATABASE_URL=postgres://...',
  });

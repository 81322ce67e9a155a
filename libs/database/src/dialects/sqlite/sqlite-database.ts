import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { sql } from 'kysely';
import { Database, type Reader, type Writer } from '../../database.js';
import { migrate } from '../../migrations/migrate.js';
import { FileLock } from './file-lock.js';
import { FilesInPlace } from './files-in-place.js';
import { GroupCommit } from './group-commit.js';
import { SqliteConnection } from './sqlite-connection.js';
import { migratorOn, readerOn } from './sqlite-kysely.js';
import { sqliteSchema } from './sqlite-schema.js';

// wal_autocheckpoint: pages of 4 KiB; a checkpoint writes each page once, however many commits have changed it, and
// output alone fills SQLite's own 1000 pages many times a second.
// busy_timeout: how long another program (a backup) may hold the file; the event loop stands still meanwhile.
// case_sensitive_like: as on PostgreSQL. recursive_triggers: else "insert or replace" deletes behind their back.
const SETTINGS = ['busy_timeout = 500', 'case_sensitive_like = on'];
const WRITER_SETTINGS = [
  'journal_mode = wal',
  'synchronous = full',
  'journal_size_limit = 67108864',
  'wal_autocheckpoint = 8192',
  'foreign_keys = on',
  'recursive_triggers = on',
];
const READER_SETTINGS = ['query_only = on'];

/** SQLite in a file: one connection writes, another reads, so that a read never sees work that is not committed. */
export class SqliteStore extends Database {
  override readonly engine = 'sqlite';
  override readonly read: Reader;
  readonly #commits: GroupCommit;
  #storeSeq = 0;
  #openedSeq = 0;
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly writing: SqliteConnection,
    private readonly reading: SqliteConnection,
    private readonly lock: FileLock,
    private readonly files: FilesInPlace,
  ) {
    super();
    this.read = readerOn(reading);
    this.#commits = new GroupCommit(
      writing,
      () => files.check(),
      (storeSeq) => (this.#storeSeq = storeSeq),
    );
  }

  /** @throws MeshError store/locked, store/newer-schema, store/unavailable or store/full */
  static async open(
    file: string,
    nowMs: number,
    beforeMigrating?: (connection: SqliteConnection, applied: number) => void,
  ): Promise<SqliteStore> {
    makePrivateFile(file);
    const lock = FileLock.take(file);
    const opened: SqliteConnection[] = [];
    try {
      const writing = connect(file, SETTINGS, opened);
      await migrate(migratorOn(writing), sqliteSchema, nowMs, {
        beforeChange: () => use(writing, WRITER_SETTINGS),
        beforeMigrating: (applied) => beforeMigrating?.(writing, applied),
      });
      const reading = connect(file, [...SETTINGS, ...READER_SETTINGS], opened);
      const store = new SqliteStore(writing, reading, lock, new FilesInPlace(file));
      await store.#loadStoreSeq();
      return store;
    } catch (error) {
      for (const connection of opened) connection.close();
      lock.release();
      throw error;
    }
  }

  override get storeSeq(): number {
    return this.#storeSeq;
  }

  override get openedSeq(): number {
    return this.#openedSeq;
  }

  /** There is no other writer. */
  override async readStoreSeq(): Promise<number> {
    this.files.check();
    return this.#storeSeq;
  }

  override async raiseStoreSeq(atLeast: number): Promise<void> {
    await this.write((trx) =>
      trx
        .updateTable('meta')
        .set({ value: String(atLeast) })
        .where('key', '=', 'store_seq')
        .where(sql<number>`cast(value as integer)`, '<', atLeast)
        .execute(),
    );
  }

  override async write<T>(work: (trx: Writer) => Promise<T>): Promise<T> {
    if (this.#closing) throw new MeshError('store/unavailable', 'the database is being closed');
    return this.#commits.add(work);
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.drain();
    this.reading.close();
    // The file is then whole without its log, so that a plain copy of it is a backup.
    use(this.writing, ['wal_checkpoint(truncate)']);
    this.writing.close();
    this.lock.release();
  }

  async #loadStoreSeq(): Promise<void> {
    const row = await this.read.selectFrom('meta').select('value').where('key', '=', 'store_seq').executeTakeFirst();
    this.#storeSeq = Number(row?.value ?? 0);
    this.#openedSeq = this.#storeSeq;
  }
}

// SQLite gives its side files the mode of the database file.
function makePrivateFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
    closeSync(openSync(`${file}.lock`, 'a', 0o600));
  } catch (error) {
    throw new MeshError('store/unavailable', `the database file ${file} cannot be opened for writing`, {
      cause: error,
      hint: 'Check that the folder exists, is writable and has space.',
    });
  }
}

function connect(file: string, settings: readonly string[], opened: SqliteConnection[]): SqliteConnection {
  const connection = new SqliteConnection(file);
  opened.push(connection);
  use(connection, settings);
  return connection;
}

function use(connection: SqliteConnection, settings: readonly string[]): void {
  for (const setting of settings) connection.prepare(`pragma ${setting}`).all([]);
}

import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { badBackup, findFault, syncPath, withConnection } from './database-file.js';
import { FileLock } from './file-lock.js';

const SIDES = ['', '-wal', '-shm'];

/**
 * Puts a backup in the place of the SQLite file that is in use. The backup is copied beside it, checked and made ready
 * there, and takes the place in one rename; so at every moment there is a whole database, and never an unready one.
 * The lock of the database in use is held all the time: no orchestrator can be running, or start meanwhile.
 */
export class Replacement {
  private constructor(
    private readonly file: string,
    private readonly lock: FileLock,
    /** Commits of the database in use; 0 when it cannot be read. */
    readonly replacedSeq: number,
  ) {}

  /** The copy, to be opened, made ready and closed by the caller before `putInPlace`. */
  get workFile(): string {
    return `${this.file}.restoring`;
  }

  /** @throws MeshError store/locked, store/bad-backup, store/full, store/unavailable; nothing was touched then */
  static begin(file: string, backup: string): Replacement {
    if (!existsSync(backup) || !statSync(backup).isFile()) throw badBackup(backup, 'there is no such file');
    if (existsSync(file) && realpathSync(file) === realpathSync(backup)) {
      throw badBackup(backup, 'it is the database that is in use');
    }
    const lock = FileLock.take(file);
    try {
      const replacement = new Replacement(file, lock, existsSync(file) ? settle(file) : 0);
      replacement.#copy(backup);
      return replacement;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** @returns where the database that was in use stands now; undefined when there was none */
  putInPlace(stamp: string): string | undefined {
    const kept = existsSync(this.file) ? `${this.file}.replaced-${stamp}` : undefined;
    syncPath(this.workFile);
    if (kept !== undefined) this.#keep(kept);
    renameSync(this.workFile, this.file);
    if (process.platform !== 'win32') syncPath(dirname(this.file));
    return kept;
  }

  /** To be called in any case. */
  end(): void {
    for (const side of [...SIDES, '.lock']) rmSync(this.workFile + side, { force: true });
    this.lock.release();
  }

  #copy(backup: string): void {
    for (const side of SIDES) rmSync(this.workFile + side, { force: true });
    try {
      copyFileSync(backup, this.workFile);
      // A copy that was taken while the orchestrator ran has a part of its commits here.
      if (existsSync(`${backup}-wal`)) copyFileSync(`${backup}-wal`, `${this.workFile}-wal`);
      chmodSync(this.workFile, 0o600);
      this.#giveToOwner();
      checkBackup(this.workFile, backup);
    } catch (error) {
      for (const side of SIDES) rmSync(this.workFile + side, { force: true });
      throw error instanceof MeshError ? error : badBackup(backup, 'it cannot be copied', error);
    }
  }

  /** Root restores for the user of the service, who could not open files of root's. */
  #giveToOwner(): void {
    if (process.getuid?.() !== 0) return;
    const { uid, gid } = statSync(existsSync(this.file) ? this.file : dirname(this.file));
    for (const path of [this.workFile, `${this.file}.lock`]) chownSync(path, uid, gid);
  }

  /** By a second name, so that the first one is never without a database. */
  #keep(kept: string): void {
    // What a broken database could not take in belongs to it, and must not be taken for a part of the new one.
    const log = `${this.file}-wal`;
    if (existsSync(log) && statSync(log).size > 0) renameSync(log, `${kept}-wal`);
    for (const side of ['-wal', '-shm']) rmSync(this.file + side, { force: true });
    try {
      linkSync(this.file, kept);
    } catch {
      copyFileSync(this.file, kept);
    }
  }
}

/** Takes the write-ahead log into the file. @returns its count of commits, or 0 when the file cannot be read */
function settle(file: string): number {
  try {
    return withConnection(file, (connection) => {
      connection.prepare('pragma wal_checkpoint(truncate)').all([]);
      const [row] = connection.prepare(`select value from meta where key = 'store_seq'`).all([]) as { value: string }[];
      return Number(row?.value ?? 0);
    });
  } catch {
    return 0;
  }
}

function checkBackup(copy: string, backup: string): void {
  try {
    withConnection(copy, (connection) => {
      const fault = findFault(connection);
      if (fault !== undefined) throw badBackup(backup, fault);
      connection.prepare('pragma wal_checkpoint(truncate)').all([]);
    });
  } catch (error) {
    if (error instanceof MeshError && error.code === 'store/bad-backup') throw error;
    throw badBackup(backup, 'it is not a database, or damaged', error);
  }
}

import { linkSync, lstatSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';
import { LockHolder } from './lock-holder.js';
import { isDiskFull, toStorageError } from './storage-error.js';

/** The spool as a place that belongs to this process alone. Two agents on one spool would start each other's runs. */
export class SpoolFolder {
  private constructor(
    readonly path: string,
    private readonly holder: LockHolder,
  ) {}

  /**
   * Takes the spool, also from an agent that died without letting go of it.
   * @throws MeshError store/locked when a living agent has it, store/full when the disk is full, settings/invalid when it
   *   cannot be made or written
   */
  static async take(path: string): Promise<SpoolFolder> {
    refuseUnusable(path, () => makeFolders(path));
    const own = await LockHolder.open(path);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (refuseUnusable(path, () => tryLink(path, own.text))) return new SpoolFolder(path, own);
      const holder = readLock(path);
      if (await LockHolder.isAlive(path, holder)) break;
      setAside(path, holder);
      LockHolder.tidyAfter(path, holder);
    }
    own.close();
    const pid = readLock(path).split(' ')[0];
    throw new MeshError('store/locked', `another agent (process ${pid}) is using the spool ${path}`, {
      hint: 'Stop the other agent, or give this one a home of its own: SCRIPT_MESH_HOME.',
    });
  }

  /** False once somebody has removed or replaced the spool: then nothing more may be recorded or started. */
  get isOurs(): boolean {
    return readLock(this.path) === this.holder.text;
  }

  release(): void {
    if (this.isOurs) rmSync(join(this.path, 'lock'), { force: true });
    this.holder.close();
  }
}

function refuseUnusable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (isDiskFull(cause)) throw toStorageError(cause, `take the spool ${path}`);
    const { code } = cause as NodeJS.ErrnoException;
    throw new MeshError('settings/invalid', `the spool ${path} cannot be made or written (${code})`, {
      cause,
      hint: "Give the agent's user a home folder that it may write: SCRIPT_MESH_HOME.",
    });
  }
}

/**
 * A symbolic link makes the name with its content in one step, and only for one of several at once. Its text lies in the
 * inode, so an agent can also start on a disk that its scripts have filled.
 */
function tryLink(spool: string, owner: string): boolean {
  try {
    symlinkSync(owner, join(spool, 'lock'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead agent's lock away; when a quicker agent's lock was caught instead, it is put back. */
function setAside(spool: string, holder: string): void {
  const aside = join(spool, `lock.${process.pid}.stale`);
  try {
    renameSync(join(spool, 'lock'), aside);
    if (readOwner(aside) !== holder) linkSync(aside, join(spool, 'lock'));
  } catch {
    // Somebody else was quicker; the next attempt to take the lock decides.
  } finally {
    rmSync(aside, { force: true });
  }
}

function readLock(spool: string): string {
  try {
    return readOwner(join(spool, 'lock'));
  } catch {
    return '';
  }
}

/** Alpha versions wrote the lock as a file. */
function readOwner(lock: string): string {
  return lstatSync(lock).isSymbolicLink() ? readlinkSync(lock) : readFileSync(lock, 'utf8');
}

import { linkSync, lstatSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';
import { isDiskFull, toStorageError } from './storage-error.js';

/** The spool as a place that belongs to this process alone. Two agents on one spool would start each other's runs. */
export class SpoolFolder {
  private constructor(
    readonly path: string,
    private readonly owner: string,
  ) {}

  /**
   * Takes the spool, also from an agent that died without letting go of it.
   * @throws MeshError store/locked when a living agent has it, store/full when the disk is full, settings/invalid when it
   *   cannot be made or written
   */
  static take(path: string): SpoolFolder {
    refuseUnusable(path, () => makeFolders(path));
    const owner = `${process.pid} ${startTicks(process.pid)} ${bootId()}`;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (refuseUnusable(path, () => tryLink(path, owner))) return new SpoolFolder(path, owner);
      const holder = readLock(path);
      if (isAlive(holder)) break;
      setAside(path, holder);
    }
    const pid = readLock(path).split(' ')[0];
    throw new MeshError('store/locked', `another agent (process ${pid}) is using the spool ${path}`, {
      hint: 'Stop the other agent, or give this one a home of its own: SCRIPT_MESH_HOME.',
    });
  }

  release(): void {
    if (readLock(this.path) === this.owner) rmSync(join(this.path, 'lock'), { force: true });
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

/** A process id alone may have been given to another program since; its start time and the boot tell them apart. */
function isAlive(holder: string): boolean {
  const [pidText = '', ticks, boot] = holder.split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || boot !== bootId()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startTicks(pid) === ticks;
}

function startTicks(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name stands in brackets and may hold blanks; field 22 is the 20th after it.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '-';
  }
}

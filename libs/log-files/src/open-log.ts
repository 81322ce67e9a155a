import { createHash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { isSecretName } from './forbidden-places.js';
import type { LogSource } from './log-source.js';
import { getRealFolder } from './real-folder.js';

/** A file may be rotated between two looks at it; one that always is, is not read. */
const MAX_TRIES = 3;

export interface OpenLog {
  readonly handle: FileHandle;
  readonly fileId: string;
  readonly size: number;
}

/**
 * Opens one file of a log for reading. What is read is the descriptor that was checked: a regular file with one name,
 * which stands, without a link on the way, where the source says. The caller closes the handle.
 * @throws MeshError log/not-found, log/unreadable
 */
export async function openLog(source: LogSource, file: string, secretFolders: readonly string[]): Promise<OpenLog> {
  if (isSecretName(file)) throw refuse('log/unreadable', file, 'has the name of a secret');
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const path = join(await getRealFolder(source, secretFolders), file);
    const opened = await openOnce(path, file);
    if (opened) return opened;
  }
  throw refuse('log/unreadable', file, 'keeps being replaced while it is opened');
}

/** undefined when what was opened is not what stands there now. */
async function openOnce(path: string, file: string): Promise<OpenLog | undefined> {
  // Looked at before it is opened, since opening a device may already do something.
  checkKind(await lookAt(path, file), file);
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP') return undefined;
    throw refuse('log/unreadable', file, `cannot be opened (${code})`, cause);
  });
  if (!handle) return undefined;
  try {
    const stats = await handle.stat({ bigint: true });
    checkKind(stats, file);
    if (await isThere(path, handle, stats)) return { handle, fileId: idOf(stats), size: Number(stats.size) };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/**
 * Does the open file lie at this path, which has no links? Linux says it of the descriptor itself; elsewhere two looks
 * at the path have to do, between which somebody who may write into its folders could put a link.
 */
async function isThere(path: string, { fd }: FileHandle, opened: BigIntStats): Promise<boolean> {
  if (process.platform === 'linux') return (await readlink(`/proc/self/fd/${fd}`).catch(() => '')) === path;
  if ((await realpath(path).catch(() => '')) !== path) return false;
  const seen = await lstat(path, { bigint: true }).catch(() => undefined);
  return seen !== undefined && seen.dev === opened.dev && seen.ino === opened.ino;
}

async function lookAt(path: string, file: string): Promise<BigIntStats> {
  return lstat(path, { bigint: true }).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw refuse('log/not-found', file, 'is not there', cause);
    throw refuse('log/unreadable', file, `cannot be looked at (${code})`, cause);
  });
}

function checkKind(stats: BigIntStats, file: string): void {
  if (stats.isSymbolicLink()) throw refuse('log/unreadable', file, 'is a symbolic link');
  if (!stats.isFile()) throw refuse('log/unreadable', file, 'is not a regular file');
  // A hard link would give a file of another folder a name in this one.
  if (stats.nlink > 1n) throw refuse('log/unreadable', file, 'has a second name (a hard link)');
}

/** Says whether two looks saw the same file; its inode itself is nobody's business. */
const idOf = ({ dev, ino }: BigIntStats): string =>
  createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 16);

const refuse = (code: 'log/not-found' | 'log/unreadable', file: string, why: string, cause?: unknown): MeshError =>
  new MeshError(code, `the log file ${JSON.stringify(file)} ${why}`, { cause });

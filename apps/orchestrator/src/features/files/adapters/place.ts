/**
 * Finds what a path means inside a folder. On Linux no link leads astray, however quickly it is swapped: a descriptor is
 * taken first (O_PATH: it opens nothing, so no FIFO is waited for and no device is woken), the kernel is asked where
 * that descriptor lies, and everything else goes through the descriptor. Elsewhere Node has no such means: whoever may
 * write into the folder may win a race of swapped links there.
 */
import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { parentOf, showPath, type FilePath } from '../domain/file-path.js';
import { toFileFault, toFolderFault } from './file-fault.js';

/** Not among Node's constants; from asm-generic/fcntl.h, the same on every architecture that Node runs on. */
const O_PATH = 0x20_0000;
const DESCRIPTORS = '/proc/self/fd';
/** A FIFO that was put in the place of a file is not waited for. */
const READ_ONLY = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export interface Place {
  readonly stats: BigIntStats;
  /** A path to this very thing, whatever has become of its name; only while the place is used. */
  readonly alias: string;
  /** For reading; a descriptor of its own, which outlives the place. */
  open(): Promise<FileHandle>;
}

export type UsePlace = <T>(root: string, path: FilePath, use: (place: Place) => Promise<T>) => Promise<T>;

/** @param root the real path of the folder */
export const byDescriptor: UsePlace = async (root, path, use) => {
  const handle = await open(join(root, ...path.parts), O_PATH);
  try {
    const alias = `${DESCRIPTORS}/${handle.fd}`;
    if (!isInside(root, await whereIs(alias))) throw leadsOut(path);
    return await use({ stats: await handle.stat({ bigint: true }), alias, open: () => open(alias, READ_ONLY) });
  } finally {
    await handle.close();
  }
};

function whereIs(descriptor: string): Promise<string> {
  return readlink(descriptor).catch((cause: unknown) => {
    const hint = 'Mount /proc where the orchestrator runs.';
    throw new MeshError('file/unreadable', 'files cannot be opened safely without /proc', { cause, hint });
  });
}

/** For other systems: what was opened is compared with what was looked at, which leaves the smallest of gaps. */
export const byRealPath: UsePlace = async (root, path, use) => {
  const alias = await realpath(join(root, ...path.parts));
  if (!isInside(root, alias)) throw leadsOut(path);
  const stats = await lstat(alias, { bigint: true });
  if ((await realpath(alias)) !== alias) throw leadsOut(path);
  return use({ stats, alias, open: () => openSame(alias, stats, path) });
};

async function openSame(alias: string, stats: BigIntStats, path: FilePath): Promise<FileHandle> {
  const handle = await open(alias, READ_ONLY | (constants.O_NOFOLLOW ?? 0));
  const opened = await handle.stat({ bigint: true });
  if (opened.ino === stats.ino && opened.dev === stats.dev) return handle;
  await handle.close();
  throw leadsOut(path);
}

export const bestWay = (): UsePlace => (process.platform === 'linux' ? byDescriptor : byRealPath);

/** Lets `use` work with what the path means. @throws MeshError file/unsafe-path, file/not-found, file/unreadable */
export async function usePlace<T>(
  way: UsePlace,
  folder: string,
  path: FilePath,
  use: (place: Place) => Promise<T>,
): Promise<T> {
  const root = await realpath(folder).catch((error: unknown) => {
    throw toFolderFault(error);
  });
  try {
    return await way(root, path, use);
  } catch (error) {
    // Below a link that leads out, every fault is told as that link: nothing is learnt of what exists out there.
    if (path.parts.length > 0 && !(error instanceof MeshError)) await checkWayTo(way, root, path);
    throw toFileFault(error, path);
  }
}

/** Looks at the folders above, the deepest first, until one is there. @throws MeshError file/unsafe-path */
async function checkWayTo(way: UsePlace, root: string, path: FilePath): Promise<void> {
  for (let above = parentOf(path); above.parts.length > 0; above = parentOf(above)) {
    try {
      return await way(root, above, async () => {});
    } catch (error) {
      if (error instanceof MeshError) throw error;
    }
  }
}

const isInside = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

const leadsOut = (path: FilePath): MeshError =>
  new MeshError('file/unsafe-path', `${showPath(path)} leads out of the data folder by a link`);

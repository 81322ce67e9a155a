import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { findForbidden } from './forbidden-places.js';
import type { LogSource } from './log-source.js';

/**
 * The real path of the folder that holds a log's files.
 * @throws MeshError log/not-found when it is not there, log/unreadable when a link leads to it or it is forbidden
 */
export async function getRealFolder(source: LogSource, secretFolders: readonly string[]): Promise<string> {
  const root = await real(source.root, source);
  const folder = join(root, ...source.folders);
  if ((await real(folder, source)) !== folder) throw unreadable(source, 'is reached by a symbolic link');
  const forbidden = await findForbidden(folder, secretFolders);
  if (forbidden !== undefined) throw unreadable(source, forbidden);
  return folder;
}

async function real(path: string, source: LogSource): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new MeshError('log/not-found', `the folder of the log ${source.name} is not there`, { cause });
    throw unreadable(source, `is in a folder that cannot be looked at (${code})`, cause);
  }
}

const unreadable = (source: LogSource, why: string, cause?: unknown): MeshError =>
  new MeshError('log/unreadable', `the log ${source.name} ${why}`, { cause });

import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFolder, makeFolders } from './make-folders.js';
import type { SettingReader } from './sources.js';

const NAME = 'SCRIPT_MESH_HOME';

/**
 * Makes the home folder and the folder `cfg` in it when they are missing; a home that cannot be made becomes a fault.
 * One that is there but may not be written is left to those who write: some installations need nothing of it.
 * Call it when nothing else is wrong, so that a start that fails leaves nothing behind.
 */
export function takeHome(reader: SettingReader): void {
  findFaultOf(reader, reader.sources.leavesNoTraces ? findObstacle : makeOrFindFault);
}

function findFaultOf({ home, faults }: SettingReader, findFault: (folder: string) => string | undefined): void {
  if (faults.length > 0) return;
  const code = findFault(home) ?? findFault(join(home, 'cfg'));
  if (code === undefined || (isFolder(home) && code !== 'ENOENT')) return;
  faults.push({
    name: NAME,
    problem: `the home folder ${home} cannot be made or cannot hold folders (${code})`,
    remedy: 'Name a folder that this user may make and write in',
  });
}

/** For a program that can do without: nothing is made, and only a home that was named and that nobody could make is a fault. */
export function checkNamedHome(reader: SettingReader): void {
  if (reader.find(NAME, false) !== undefined && !existsSync(reader.home)) findFaultOf(reader, findObstacle);
}

/** Why the folder could not be made, were it tried now. */
function findObstacle(folder: string): string | undefined {
  if (isFolder(folder)) return undefined;
  const parent = dirname(folder);
  if (existsSync(folder)) return 'ENOTDIR';
  if (!existsSync(parent)) return findObstacle(parent);
  try {
    accessSync(parent, constants.W_OK);
    return isFolder(parent) ? undefined : 'ENOTDIR';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
}

function makeOrFindFault(folder: string): string | undefined {
  try {
    makeFolders(folder);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isFolder, makeFolders } from './make-folders.js';
import type { SettingReader } from './sources.js';

const NAME = 'SCRIPT_MESH_HOME';

/**
 * Makes the home folder and the folder `cfg` in it when they are missing; a home that cannot be made becomes a fault.
 * One that is there but may not be written is left to those who write: some installations need nothing of it.
 * Call it when nothing else is wrong, so that a start that fails leaves nothing behind.
 */
export function takeHome({ home, faults }: SettingReader): void {
  if (faults.length > 0) return;
  const code = findFault(home) ?? findFault(join(home, 'cfg'));
  if (code === undefined || (isFolder(home) && code !== 'ENOENT')) return;
  faults.push({
    name: NAME,
    problem: `the home folder ${home} cannot be made or cannot hold folders (${code})`,
    remedy: 'Name a folder that this user may make and write in',
  });
}

/** For a program that can do without: only a home that was named and is not there is made, or becomes a fault. */
export function takeNamedHome(reader: SettingReader): void {
  if (reader.find(NAME, false) !== undefined && !existsSync(reader.home)) takeHome(reader);
}

function findFault(folder: string): string | undefined {
  try {
    makeFolders(folder);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
}

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder (0700), and those above it that are missing; one that is there stays as it is. Node's own
 * `recursive` is not used, because it never ends where the system makes no folders although the one above is there,
 * as in /proc: it takes the ENOENT for a missing parent again and again.
 * @throws what the system says, as ENOENT, EACCES, EROFS or ENOTDIR
 */
export function makeFolders(path: string): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another program may have been quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(path)) throw error;
  }
}

/** False also where nothing can be seen. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

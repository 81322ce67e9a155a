import { realpathSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

const WORLD_WRITABLE = 0o002;

/**
 * Words for why a program must not run the scripts of this node: everyone can write it, the folder it is in, or the
 * folder of the link that leads to it. A sticky folder is no better here, as others could be the first to put a
 * program of that name there. Who owns it is not asked: programs are often installed by another user.
 */
export function findProgramFault(program: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  // What is gone by now is found missing at the start.
  const real = realPathOf(program);
  for (const path of new Set([real, dirname(real), dirname(program)])) {
    const stats = lookAt(path);
    if (stats && stats.mode & WORLD_WRITABLE) return `${path} can be written by everyone. Mend it: chmod o-w ${path}`;
  }
  return undefined;
}

function realPathOf(program: string): string {
  try {
    return realpathSync.native(program);
  } catch {
    return program;
  }
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

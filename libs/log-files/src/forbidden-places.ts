import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/** Files there look regular and are none: they hang, have no size, or show the memory of processes. */
const PSEUDO_FOLDERS = ['/proc', '/sys', '/dev'];
const SECRET_NAME = /^\.env|\.(?:key|pem|p12|pfx|sqlite3?|db)(?:-wal|-shm|-journal)?$/i;

/** Keys, certificates, settings and databases are no logs, whoever lists them. */
export const isSecretName = (fileName: string): boolean => SECRET_NAME.test(fileName);

/** Says why nothing in a folder (a real path) is shown; undefined when it may be. */
export async function findForbidden(folder: string, secretFolders: readonly string[]): Promise<string | undefined> {
  if (PSEUDO_FOLDERS.some((pseudo) => isInside(folder, pseudo))) return 'is in a folder of the system, not of logs';
  for (const secret of secretFolders) {
    const real = await realpath(secret).catch(() => secret);
    if (isInside(folder, real)) return 'is in a folder that holds secrets';
  }
  return undefined;
}

const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

import { MeshError } from '@scriptmesh/contracts';
import { showPath, type FilePath } from '../domain/file-path.js';

/** Nothing can be there: the name is too long, or the way to it goes through a file or round in links. */
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** Puts what the system said into our words; anything else that was thrown stays as it is. */
export function toFileFault(error: unknown, path: FilePath): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  if (NOT_THERE.has(code)) return new MeshError('file/not-found', `${showPath(path)} is not there`, { cause: error });
  return new MeshError('file/unreadable', `${showPath(path)} cannot be read (${code})`, { cause: error });
}

export function toFolderFault(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const hint =
    'Make the folder "data" in the home folder of the orchestrator, readable for its user, or set SCRIPT_MESH_DATA_DIR.';
  if (NOT_THERE.has(code))
    return new MeshError('file/not-found', 'the data folder is not there', { cause: error, hint });
  return new MeshError('file/unreadable', `the data folder cannot be reached (${code})`, { cause: error, hint });
}

/** As in `EACCES`. */
const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'syscall' in error ? String((error as NodeJS.ErrnoException).code) : undefined;

import { isMeshError, MeshError } from '@scriptmesh/contracts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? 'unknown';

export const isDiskFull = (error: unknown): boolean => FULL.has(codeOf(error));

/** Wraps a fault of the disk with what was being done, as in "write the intent of run ...". */
export function toStorageError(error: unknown, doing: string): MeshError {
  if (isMeshError(error)) return error;
  const code = codeOf(error);
  const isFull = isDiskFull(error);
  return new MeshError(isFull ? 'store/full' : 'store/unavailable', `could not ${doing}: ${code}`, {
    cause: error,
    facts: { code },
    hint: isFull
      ? "Free space on the disk of the agent's spool."
      : "Check the disk and the permissions of the agent's spool folder.",
  });
}

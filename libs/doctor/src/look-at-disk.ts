import { statfs } from 'node:fs/promises';
import { ok, problem, skipped, warning, type Finding } from './finding.js';

const MIB = 1024 * 1024;

/** Bytes that a program may write there; null where that cannot be told. */
export const freeBytes = async (folder: string): Promise<number | null> =>
  statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );

/** @param reserveBytes below it the program takes nothing new */
export function judgeDisk(folder: string, free: number | null, reserveBytes: number): Finding {
  if (free === null) return skipped('disk', `how much is free at ${folder} cannot be told`);
  const says = `${Math.floor(free / MIB)} MiB are free at ${folder}`;
  const todo = 'Make room: old logs, backups, output of runs (retention), or a larger disk.';
  if (free < reserveBytes)
    return problem('disk', `${says}, less than the ${Math.ceil(reserveBytes / MIB)} MiB that are needed`, todo);
  return free < 2 * reserveBytes ? warning('disk', `${says}, which will not last`, todo) : ok('disk', says);
}

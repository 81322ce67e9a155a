import { lstatSync, type BigIntStats } from 'node:fs';
import type { StartOrder } from './words.js';

/** Differs as soon as a file was written, replaced or moved; made of what the system keeps of it. */
export const fileVersion = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(':');

/**
 * The last look at a script before its start: between its check and here the intent was made durable, and perhaps a
 * supervisor waited for. What is left is the time that the system takes to start its program.
 * @throws ESTALE when the file is not the one that was checked
 */
export function refuseChangedFile({ checked }: StartOrder): void {
  // An agent of an older version does not say.
  if (!checked) return;
  if (versionNow(checked.file) === checked.version) return;
  throw Object.assign(new Error(`ESTALE: ${checked.file} has changed`), { code: 'ESTALE' });
}

function versionNow(file: string): string | undefined {
  try {
    return fileVersion(lstatSync(file, { bigint: true }));
  } catch {
    return undefined;
  }
}

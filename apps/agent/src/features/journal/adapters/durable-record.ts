import { join } from 'node:path';
import { failpoint } from '@scriptmesh/failpoints';
import type { SpoolDisk } from '../spool-disk.js';

type RecordName = 'intent' | 'fence' | 'end' | 'done';

/**
 * Makes a record whole: temporary file, fsync, `link()` to its name, fsync of the folder. So a record is there with
 * all its bytes or not at all, and a record that is there is never written over.
 * @throws EEXIST when the folder has a record of this name
 */
export async function writeRecord(disk: SpoolDisk, folder: string, name: RecordName, value: object): Promise<void> {
  const temporary = join(folder, `${name}.tmp`);
  try {
    await disk.writeFile(temporary, JSON.stringify(value), { durable: true });
    failpoint(`journal.${name}-written`);
    await disk.link(temporary, join(folder, name));
    failpoint(`journal.${name}-linked`);
  } finally {
    await disk.remove(temporary);
  }
  await disk.syncFolder(folder);
  failpoint(`journal.${name}-durable`);
}

/** The same for a small state file, which is replaced as a whole. */
export async function replaceFile(disk: SpoolDisk, folder: string, name: string, content: string): Promise<void> {
  const temporary = join(folder, `${name}.tmp`);
  await disk.writeFile(temporary, content, { durable: true });
  await disk.rename(temporary, join(folder, name));
  await disk.syncFolder(folder);
}

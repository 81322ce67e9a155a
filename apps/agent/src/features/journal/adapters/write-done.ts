import { join } from 'node:path';
import { STREAMS } from '@scriptmesh/contracts';
import type { SpoolDisk } from '../spool-disk.js';
import { writeRecord } from './durable-record.js';
import type { DoneFile } from './spool-files.js';
import { isDiskFull } from './storage-error.js';

/**
 * Writes the record that settles a run. A disk that is full of the output of ended runs would never have room again if
 * settling them needed some first, so the output then goes before the record: the orchestrator has acknowledged it.
 */
export async function writeDone(disk: SpoolDisk, folder: string, done: DoneFile): Promise<void> {
  try {
    await writeRecord(disk, folder, 'done', done);
  } catch (error) {
    // An earlier try had named the record, whole, and failed afterwards.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return disk.syncFolder(folder);
    // Somebody has removed the folder. Its record comes back, or the journal would lack one at the next start.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      await disk.makeFolder(folder);
      return writeRecord(disk, folder, 'done', done);
    }
    if (!isDiskFull(error)) throw error;
    for (const stream of STREAMS) {
      await disk.remove(join(folder, stream));
      await disk.remove(join(folder, `${stream}.tail`));
    }
    await writeRecord(disk, folder, 'done', done);
  }
}

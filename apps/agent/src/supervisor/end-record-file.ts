import { link, open, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint } from './failpoint.js';
import type { EndRecord } from './words.js';

/**
 * Writes the record `end` of a run's folder as JSON: whole or not at all, and durable when this resolves.
 * A record that stands already stays.
 */
export async function writeEndRecord(folder: string, end: EndRecord): Promise<void> {
  // The journal keeps room for this record, so that a full disk cannot hold an end back.
  await rm(join(folder, 'reserve'), { force: true });
  const temporary = join(folder, 'end.new');
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(end)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  failpoint('supervisor.end-written');
  await link(temporary, join(folder, 'end')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  failpoint('supervisor.end-linked');
  await unlink(temporary);
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

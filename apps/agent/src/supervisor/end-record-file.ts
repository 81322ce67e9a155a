import {
  closeSync,
  constants,
  fsync,
  ftruncateSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { failpoint } from './failpoint.js';
import type { EndRecord } from './words.js';

const makeDurable = promisify(fsync);
const OPEN_WITHOUT_CUTTING = constants.O_WRONLY | constants.O_CREAT;

/**
 * Writes the record `end` of a run's folder as JSON: whole or not at all. It outlives this program when the call
 * returns, and a power cut when the promise resolves, which waits for the disk once. A record that stands already stays.
 * @throws what the disk says; the record does not stand then, or stood before
 */
export function putEndRecord(folder: string, end: EndRecord): { readonly durable: Promise<void> } {
  const temporary = `${folder}/end.new`;
  takeReserve(folder, temporary);
  // Written over what is there: a full disk cannot hold back an end that fits into the room the journal keeps for it.
  const file = openSync(temporary, OPEN_WITHOUT_CUTTING, 0o600);
  try {
    const bytes = Buffer.from(`${JSON.stringify(end)}\n`);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, at);
    ftruncateSync(file, bytes.length);
    failpoint('supervisor.end-written');
    linkUnlessThere(temporary, `${folder}/end`);
    failpoint('supervisor.end-linked');
    unlinkSync(temporary);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  const content = makeDurable(file).finally(() => closeSync(file));
  return { durable: Promise.all([content, syncFolder(folder)]).then(() => undefined) };
}

/** For ends that may be told only once a power cut cannot undo them. */
export async function writeEndRecord(folder: string, end: EndRecord): Promise<void> {
  await putEndRecord(folder, end).durable;
}

/** What was reserved becomes the record's own room; without it, or the second time, a new file has to do. */
function takeReserve(folder: string, temporary: string): void {
  try {
    renameSync(`${folder}/reserve`, temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  await makeDurable(handle).finally(() => closeSync(handle));
}

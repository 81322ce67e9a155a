import { closeSync, openSync, read as readCallback, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PerStream, Stream } from '@scriptmesh/contracts';
import { OutputReader } from '../output-reader.js';

const READ_AT_ONCE_BYTES = 16 * 1024;

export class FileOutputReader extends OutputReader {
  override async read(folder: string, stream: Stream, offset: number, maxBytes: number): Promise<Uint8Array> {
    const file = openIfThere(join(folder, stream));
    if (file === undefined) return new Uint8Array(0);
    try {
      const buffer = Buffer.allocUnsafe(maxBytes);
      let length = 0;
      while (length < maxBytes) {
        const bytesRead = await readSome(file, buffer, length, offset + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return buffer.subarray(0, length);
    } finally {
      closeSync(file);
    }
  }

  override async lengths(folder: string): Promise<PerStream<number>> {
    const [stdout, stderr] = await Promise.all([sizeOf(join(folder, 'stdout')), sizeOf(join(folder, 'stderr'))]);
    return { stdout, stderr };
  }
}

const read = promisify(readCallback);

/** A few bytes, which were written a moment ago, are here sooner than a thread is woken up to fetch them. */
async function readSome(file: number, into: Buffer, at: number, position: number): Promise<number> {
  const length = into.length - at;
  if (length <= READ_AT_ONCE_BYTES) return readSync(file, into, at, length, position);
  return (await read(file, into, at, length, position)).bytesRead;
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    (found) => found.size,
    () => 0,
  );

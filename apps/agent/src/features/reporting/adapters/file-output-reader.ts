import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PerStream, Stream } from '@scriptmesh/contracts';
import { OutputReader } from '../output-reader.js';

export class FileOutputReader extends OutputReader {
  override async read(folder: string, stream: Stream, offset: number, maxBytes: number): Promise<Uint8Array> {
    const file = await openIfThere(join(folder, stream));
    if (!file) return new Uint8Array(0);
    try {
      const buffer = Buffer.allocUnsafe(maxBytes);
      let length = 0;
      while (length < maxBytes) {
        const { bytesRead } = await file.read(buffer, length, maxBytes - length, offset + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return buffer.subarray(0, length);
    } finally {
      await file.close();
    }
  }

  override async lengths(folder: string): Promise<PerStream<number>> {
    const [stdout, stderr] = await Promise.all([sizeOf(join(folder, 'stdout')), sizeOf(join(folder, 'stderr'))]);
    return { stdout, stderr };
  }
}

async function openIfThere(path: string): Promise<Awaited<ReturnType<typeof open>> | undefined> {
  try {
    return await open(path, 'r');
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

import { constants, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

/** What a path is when it is not a regular file, in words. */
export function kindOf(stats: Pick<Stats, 'isDirectory' | 'isFIFO' | 'isSocket' | 'isSymbolicLink'>): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return stats.isSymbolicLink() ? 'a symbolic link' : 'a device';
}

interface ReadFile {
  readonly bytes: Uint8Array;
  /** Of the open file, so it belongs to the bytes. */
  readonly stats: Stats;
}

/**
 * Reads a regular file of at most `maxBytes`. Returns words for what else it is. Never hangs: a FIFO is neither
 * opened nor, if it was put there in between, waited for; and a file that grows is read no further.
 */
export async function readBoundedFile(path: string, maxBytes: number): Promise<ReadFile | string> {
  const before = await stat(path);
  if (!before.isFile()) return `is ${kindOf(before)}, not a file`;
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return `is ${kindOf(stats)}, not a file`;
    if (stats.size > maxBytes) return `has ${stats.size} bytes; at most ${maxBytes} are read`;
    const bytes = await readAtMost(handle, maxBytes + 1);
    return bytes.length > maxBytes ? `has more than ${maxBytes} bytes` : { bytes, stats };
  } finally {
    await handle.close();
  }
}

async function readAtMost(handle: FileHandle, maxBytes: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(maxBytes);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, maxBytes - length, null);
    length += bytesRead;
    if (bytesRead === 0 || length === maxBytes) return buffer.subarray(0, length);
  }
}

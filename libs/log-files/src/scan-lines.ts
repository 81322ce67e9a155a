import type { FileHandle } from 'node:fs/promises';
import { TIME_HEAD_BYTES } from './line-time.js';

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** A line, or a piece of one that is longer than a block. */
interface Stretch {
  /** A view that is overwritten later; copy what is kept. */
  readonly bytes: Buffer;
  readonly offset: number;
  readonly beginsLine: boolean;
}

/** Where a line begins at or after `from`; `from` itself when no line ends within the next block. */
export async function alignToLine(handle: FileHandle, from: number): Promise<number> {
  if (from === 0) return 0;
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const { bytesRead } = await handle.read(block, 0, block.length, from - 1);
  const newline = block.subarray(0, bytesRead).indexOf(NEWLINE);
  return newline === -1 ? from : from + newline;
}

/**
 * Goes through the lines from `from` to `to` in one block's memory. The beginning of a line that carries its time is
 * never cut in two: a line too near to the block's end is read again with the next one.
 * @param take false stops before this stretch
 * @returns where it stopped: `to`, the refused stretch, or the end of a file that became shorter meanwhile
 */
export async function scanLines(
  handle: FileHandle,
  from: number,
  to: number,
  take: (stretch: Stretch) => boolean,
): Promise<number> {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let at = from;
  let beginsLine = await endsLine(handle, from);
  while (at < to) {
    const { bytesRead } = await handle.read(block, 0, Math.min(BLOCK_BYTES, to - at), at);
    if (bytesRead === 0) return at;
    const isLast = at + bytesRead >= to;
    let start = 0;
    while (start < bytesRead) {
      const newline = block.subarray(0, bytesRead).indexOf(NEWLINE, start);
      const end = newline === -1 ? bytesRead : newline + 1;
      const isCut = newline === -1 && beginsLine && end - start < TIME_HEAD_BYTES;
      if (isCut && !isLast && start > 0) break;
      if (!take({ bytes: block.subarray(start, end), offset: at + start, beginsLine })) return at + start;
      beginsLine = newline !== -1;
      start = end;
    }
    at += start;
  }
  return at;
}

async function endsLine(handle: FileHandle, at: number): Promise<boolean> {
  if (at === 0) return true;
  const byte = Buffer.allocUnsafe(1);
  const { bytesRead } = await handle.read(byte, 0, 1, at - 1);
  return bytesRead === 1 && byte[0] === NEWLINE;
}

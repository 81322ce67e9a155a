import type { FileHandle } from 'node:fs/promises';
import type { LineRange } from './line-range.js';
import { scanLines } from './scan-lines.js';

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Where the last `lines` lines begin, reading backwards from the end and not beyond `floor`. */
export async function findTail(handle: FileHandle, floor: number, size: number, lines: number): Promise<number> {
  if (lines === 0) return size;
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let missing = lines;
  for (let end = size; end > floor;) {
    const start = Math.max(floor, end - BLOCK_BYTES);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const bytes = block.subarray(0, bytesRead);
    // The line break at the very end ends the last line and begins none.
    let from = end === size && bytes.at(-1) === NEWLINE ? bytes.length - 2 : bytes.length - 1;
    for (; from >= 0; from -= 1) {
      from = bytes.lastIndexOf(NEWLINE, from);
      if (from === -1) break;
      missing -= 1;
      if (missing === 0) return start + from + 1;
    }
    end = start;
  }
  return floor;
}

/** The same among the lines of a range, from `floor` forwards; `size` when none is in it. */
export async function findTailInRange(
  handle: FileHandle,
  floor: number,
  size: number,
  lines: number,
  range: LineRange,
): Promise<number> {
  if (lines === 0) return size;
  const starts: number[] = [];
  let count = 0;
  await scanLines(handle, floor, size, ({ bytes, offset, beginsLine }) => {
    if (beginsLine && range.judge(bytes)) {
      starts[count % lines] = offset;
      count += 1;
    }
    return true;
  });
  if (count === 0) return size;
  return (count > lines ? starts[count % lines] : starts[0]) as number;
}

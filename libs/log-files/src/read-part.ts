import { LOG_PART_BYTES, type LogAsk, type LogPart, type LogPartHead } from '@scriptmesh/contracts';
import { findTail, findTailInRange } from './find-tail.js';
import { hasRange, LineRange } from './line-range.js';
import type { OpenLog } from './open-log.js';
import { alignToLine, scanLines } from './scan-lines.js';

/** Bytes looked through for one part, when few of them are in the range. */
const MAX_SCANNED_BYTES = 8 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** Reads one part of an open file. @param maxBytes what lies further from the end is not shown */
export async function readPart(log: OpenLog, file: string, ask: LogAsk, maxBytes: number): Promise<LogPart> {
  const { fileId, size } = log;
  const changed = findChange(log, ask);
  if (changed) {
    return { file, fileId, offset: 0, nextOffset: 0, size, keeping: ask.keeping ?? true, changed, bytes: NOTHING };
  }
  const range = new LineRange(ask);
  const offset = await findStart(log, ask, Math.max(0, size - maxBytes), range);
  const { bytes, nextOffset } = hasRange(ask)
    ? await readInRange(log, offset, range)
    : await readPlain(log, offset, Math.min(LOG_PART_BYTES, size - offset));
  // A file that became shorter while it was read ends where nothing more came.
  const isShorter = bytes.length === 0 && nextOffset === offset;
  return {
    file,
    fileId,
    offset,
    nextOffset,
    size: isShorter ? nextOffset : size,
    keeping: range.keeping,
    changed: null,
    bytes,
  };
}

function findChange({ fileId, size }: OpenLog, ask: LogAsk): LogPartHead['changed'] {
  if (ask.fileId === null) return null;
  if (ask.fileId !== fileId) return 'rotated';
  return (ask.fromOffset ?? 0) > size ? 'truncated' : null;
}

async function findStart({ handle, size }: OpenLog, ask: LogAsk, bound: number, range: LineRange): Promise<number> {
  const floor = await alignToLine(handle, bound);
  if (ask.tailLines === null) return ask.fromOffset === null ? floor : Math.min(size, Math.max(bound, ask.fromOffset));
  if (!hasRange(ask)) return findTail(handle, floor, size, ask.tailLines);
  const found = await findTailInRange(handle, floor, size, ask.tailLines, range);
  range.keeping = true;
  return found;
}

async function readPlain({ handle }: OpenLog, offset: number, length: number) {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = length === 0 ? { bytesRead: 0 } : await handle.read(bytes, 0, length, offset);
  return { bytes: bytes.subarray(0, bytesRead), nextOffset: offset + bytesRead };
}

async function readInRange({ handle, size }: OpenLog, offset: number, range: LineRange) {
  const kept: Buffer[] = [];
  let length = 0;
  const nextOffset = await scanLines(handle, offset, size, (stretch) => {
    const before = range.keeping;
    const isKept = stretch.beginsLine ? range.judge(stretch.bytes) : range.keeping;
    const isFull = isKept && length + stretch.bytes.length > LOG_PART_BYTES;
    if (isFull || stretch.offset - offset >= MAX_SCANNED_BYTES) {
      range.keeping = before;
      return false;
    }
    if (isKept) {
      kept.push(Buffer.from(stretch.bytes));
      length += stretch.bytes.length;
    }
    return true;
  });
  return { bytes: Buffer.concat(kept), nextOffset };
}

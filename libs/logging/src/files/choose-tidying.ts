import type { LogFolderEntry } from './log-disk.js';
import { maxCurrentBytes, type LogBounds } from './log-bounds.js';
import type { DatedName, LogFileNames } from './log-file-names.js';

/** So old is a temporary file that nobody works on any more: its process has died. */
const ABANDONED_AFTER_MS = 3_600_000;

interface Tidying {
  readonly remove: readonly string[];
  readonly compress: readonly string[];
}

interface Circumstances {
  readonly names: LogFileNames;
  readonly bounds: LogBounds;
  readonly nowMs: number;
  /** Files of this day and before it are compressed. */
  readonly compressUntilDay: string;
}

type Dated = LogFolderEntry & DatedName;

/** Says which of the folder's files go and which are compressed. The oldest go first; other programs' files are not touched. */
export function chooseTidying(
  entries: readonly LogFolderEntry[],
  { names, bounds, nowMs, compressUntilDay }: Circumstances,
): Tidying {
  const dated = entries.flatMap((entry) => {
    const parsed = names.parse(entry.name);
    return parsed ? [{ ...entry, ...parsed }] : [];
  });
  const abandoned = dated.filter((file) => isAbandoned(file, nowMs));
  const kept = dated.filter((file) => !abandoned.includes(file)).sort(newestFirst);
  let bytes = maxCurrentBytes(bounds);
  const surplus = kept.filter((file, index) => {
    bytes += file.bytes;
    return index >= bounds.maxFiles || bytes > bounds.maxBytes;
  });
  const compress = kept.filter((file) => !surplus.includes(file) && isRipe(file, compressUntilDay));
  return { remove: [...abandoned, ...surplus].map(({ name }) => name), compress: compress.map(({ name }) => name) };
}

const isAbandoned = ({ kind, modifiedMs }: Dated, nowMs: number): boolean =>
  kind === 'temporary' && nowMs - modifiedMs > ABANDONED_AFTER_MS;

/** An empty one is a name that another process has taken for lines to come. */
const isRipe = ({ kind, day, bytes }: Dated, until: string): boolean => kind === 'lines' && day <= until && bytes > 0;

const newestFirst = (a: Dated, b: Dated): number =>
  a.day === b.day ? compareNumbers(b.part, a.part) : a.day < b.day ? 1 : -1;

/** Infinite ones are equal. */
const compareNumbers = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

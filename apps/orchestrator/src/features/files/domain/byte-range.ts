/** Bytes of a file from `first` to `last`, both included; an empty one has `last` before `first`. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** `bytes=FROM-TO`, `bytes=FROM-` or `bytes=-COUNT` for the last ones. */
const ONE_RANGE = /^bytes=[ \t]*(?:(?<from>\d+)-(?<to>\d*)|-(?<count>\d+))[ \t]*$/i;

export const bytesOf = ({ first, last }: ByteRange): number => last - first + 1;

export const wholeOf = (size: number): ByteRange => ({ first: 0, last: size - 1 });

/**
 * What a Range header means for a file of `size` bytes (RFC 9110, 14.2). 'whole' for what may be ignored: other units,
 * several ranges at once, and what is no range; 'outside' when it has no byte in common with the file.
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'whole' | 'outside' {
  const groups = ONE_RANGE.exec(header ?? '')?.groups;
  if (!groups) return 'whole';
  const range = toRange(groups, size);
  if (range.last < range.first && range.first < size) return 'whole';
  return range.first >= size ? 'outside' : { first: range.first, last: Math.min(range.last, size - 1) };
}

function toRange({ from, to, count }: Readonly<Record<string, string | undefined>>, size: number): ByteRange {
  if (count !== undefined) return { first: Math.max(size - Number(count), 0), last: size - 1 };
  return { first: Number(from), last: to ? Number(to) : size - 1 };
}

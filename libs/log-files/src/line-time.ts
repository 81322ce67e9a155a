/** The most bytes of a line's beginning in which its time is looked for. */
export const TIME_HEAD_BYTES = 64;

/** A time at the very beginning, after `[`, or as the first field of a JSON line, as programs of this kind write. */
const TIME =
  /^(?:\[|\{"(?:@?timestamp|time|ts)":")?(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d))?/;

/** The time a line begins with, in milliseconds since 1970; null when it has none. Without a zone it is the machine's own time. */
export function readLineTime(head: string): number | null {
  const match = TIME.exec(head);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Six;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  const ms = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000);
  const zone = match[8];
  if (zone === undefined) return new Date(year, month - 1, day, hour, minute, second, ms).getTime();
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) - offsetMs(zone);
}

type Six = [number, number, number, number, number, number];

function offsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** The local calendar day as in `2026-01-31`; such texts sort by time. */
export function localDay(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Local date and time as ScriptMesh 0.2 wrote them: `2026-01-31 23:59:59`. */
export function localTimestamp(atMs: number): string {
  const at = new Date(atMs);
  return `${localDay(atMs)} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The moment at which the next local day begins; days of 23 and 25 hours are known. */
export function nextLocalMidnight(atMs: number): number {
  const at = new Date(atMs);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1).getTime();
}

/** The local day that lies so many days before this moment. */
export function localDaysBefore(atMs: number, days: number): string {
  const at = new Date(atMs);
  return localDay(new Date(at.getFullYear(), at.getMonth(), at.getDate() - days, 12).getTime());
}

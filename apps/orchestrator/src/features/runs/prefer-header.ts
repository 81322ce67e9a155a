const LONGEST_WAIT_SECONDS = 300;

/** Seconds to wait that `Prefer: wait=N` (RFC 7240) asks for, 300 at most; undefined when it does not ask. */
export function readPreferredWait(header: string | undefined): number | undefined {
  const match = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(header ?? '');
  const seconds = Number(match?.[1] ?? 0);
  return seconds > 0 ? Math.min(seconds, LONGEST_WAIT_SECONDS) : undefined;
}

import type { Liveness } from '@scriptmesh/contracts';

const ONLINE_MS = 30_000;
const SUSPECT_MS = 60_000;

export interface SilenceFacts {
  /** Since the agent's last word or since silence began to count, whichever is later. */
  readonly silenceMs: number;
  /** It has been heard since this program started. */
  readonly heard: boolean;
  /** It has been heard at any time. */
  readonly everHeard: boolean;
  /** It opens connections itself; else it is only polled, once in each sweep. */
  readonly speaksItself: boolean;
  readonly sweepIntervalMs: number;
}

/** DESIGN section 4: online 30 s, suspect 60 s, offline; for polled agents suspect after 1.5 sweeps, offline after 3. */
export function judgeLiveness({ silenceMs, heard, everHeard, speaksItself, sweepIntervalMs }: SilenceFacts): Liveness {
  if (!everHeard) return 'unknown';
  const onlineMs = speaksItself ? ONLINE_MS : 1.5 * sweepIntervalMs;
  const suspectMs = speaksItself ? SUSPECT_MS : 3 * sweepIntervalMs;
  if (silenceMs <= onlineMs) return heard ? 'online' : 'unknown';
  return silenceMs <= suspectMs ? 'suspect' : 'offline';
}

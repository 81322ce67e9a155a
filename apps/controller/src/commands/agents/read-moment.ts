import type { Clock } from '@scriptmesh/runtime';
import { InvalidValue } from '../../cli/usage-fault.js';

const AGO = /^(\d{1,6})([smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/** `10m` ago, or a time; without a zone it is the time of this machine. @returns ISO 8601 with Z */
export function readMoment(value: string, clock: Clock): string {
  const ago = AGO.exec(value);
  if (ago) return new Date(clock.nowMs() - Number(ago[1]) * (UNIT_MS[ago[2] as string] as number)).toISOString();
  // A date alone would be taken as UTC, a date with a time as this machine's.
  const ms = TIME.test(value)
    ? Date.parse(value.length === 10 ? `${value}T00:00` : value.replace(' ', 'T'))
    : Number.NaN;
  if (Number.isNaN(ms))
    throw new InvalidValue('A time is needed, as in 2026-01-02T03:04:05Z, or how long ago, as in 10m, 2h, 1d.');
  return new Date(ms).toISOString();
}

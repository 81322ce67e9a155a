import type { AskedBytes } from '@scriptmesh/api-client';
import { InvalidValue } from '../../cli/usage-fault.js';

/** `FROM-TO` (both included), `FROM-` or `-COUNT`, in bytes. */
export function readRange(value: string): AskedBytes {
  const { from, to, last } = /^(?:(?<from>\d{1,15})-(?<to>\d{0,15})|-(?<last>\d{1,15}))$/.exec(value)?.groups ?? {};
  if (last !== undefined && Number(last) > 0) return { last: Number(last) };
  if (from === undefined || (to && Number(to) < Number(from))) {
    throw new InvalidValue('The form FROM-TO, FROM- or -COUNT is needed, in bytes, as in 0-99.');
  }
  return to ? { from: Number(from), to: Number(to) } : { from: Number(from) };
}

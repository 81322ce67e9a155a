import { MeshError } from '@scriptmesh/contracts';

/**
 * Refuses what one of the engines would cut, change or choke on: PostgreSQL knows no NUL in text and libsql cuts
 * the text there without a word; libsql ends the whole process at a boolean.
 * @throws MeshError request/malformed for NUL in text; TypeError for a value that no column can hold
 */
export function checkStorable(value: unknown): void {
  if (value === null || value instanceof Uint8Array) return;
  if (typeof value === 'string') {
    if (!value.includes('\0')) return;
    throw new MeshError('request/malformed', 'a text with a NUL character cannot be stored', {
      hint: 'Take the NUL character (U+0000) out of the text.',
    });
  }
  if (typeof value === 'number' && isStorableNumber(value)) return;
  if (typeof value === 'bigint' && isStorableNumber(Number(value))) return;
  throw new TypeError(`${describe(value)} cannot be stored: the store takes null, text, integers to 2^53 and bytes`);
}

const isStorableNumber = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= 2 ** 53;

// Names the type alone for what could hold a secret.
const describe = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'bigint' ? `the number ${value}` : `a value of type ${typeof value}`;

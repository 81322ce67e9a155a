import { isName, NAME_RULE } from '@scriptmesh/contracts';
import { findPathFault } from './entry-path.js';

/** A week is the longest a script may be given; a longer one is a service. */
export const MAX_TIMEOUT_SECONDS = 604_800;
export const MAX_CONCURRENT = 1000;
export const MAX_DESCRIPTION = 1000;
/** A program name, or an absolute path without `..` (also with a drive letter). Arguments are not taken. */
export const INTERPRETER =
  /^(?:[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}|(?:\/|[A-Za-z]:[\\/])(?!.*(?:^|[\\/])\.\.(?:[\\/]|$))[^\p{Cc}]{1,1000})$/u;

export const SHA256 = /^[0-9a-f]{64}$/;

/** Says what is wrong with a value of a field; undefined when it is fine. */
type FieldRule = (value: unknown) => string | undefined;

const isInteger = (value: unknown, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;
const unless = (isFine: boolean, message: string): string | undefined => (isFine ? undefined : message);

/**
 * The fields of an entry. When adding one: the type in manifest.ts, the schema in manifest-schema.ts (its spec
 * compares both), then `npm run generate`.
 */
export const ENTRY_FIELDS: Readonly<Record<string, FieldRule>> = {
  name: (value) => unless(isName(value), value === undefined ? 'is missing' : `must ${NAME_RULE}`),
  path: (value) => {
    if (value === undefined) return 'is missing';
    return typeof value === 'string' ? findPathFault(value) : 'must be a text';
  },
  description: (value) =>
    unless(
      value === undefined || (typeof value === 'string' && [...value].length <= MAX_DESCRIPTION),
      `must be a text of at most ${MAX_DESCRIPTION} characters`,
    ),
  interpreter: (value) =>
    unless(
      value === undefined || (typeof value === 'string' && INTERPRETER.test(value)),
      'must be the name of a program, as in "python3", or its absolute path, without arguments',
    ),
  timeoutSeconds: (value) =>
    unless(
      value === undefined || isInteger(value, MAX_TIMEOUT_SECONDS),
      `must be a whole number from 1 to ${MAX_TIMEOUT_SECONDS}`,
    ),
  maxConcurrent: (value) =>
    unless(
      value === undefined || isInteger(value, MAX_CONCURRENT),
      `must be a whole number from 1 to ${MAX_CONCURRENT}`,
    ),
  idempotent: (value) => unless(value === undefined || typeof value === 'boolean', 'must be true or false'),
  sha256: (value) =>
    unless(
      value === undefined || (typeof value === 'string' && SHA256.test(value)),
      'must be the SHA-256 of the file, 64 hexadecimal digits in lower case',
    ),
};

/** The fields that 0.2 knew; an entry with no other one is judged by its rules. */
export const LEGACY_FIELDS: ReadonlySet<string> = new Set(['name', 'path']);

/**
 * What an agent or a script may be called: a letter or digit first, then letters, digits, `_`, `-`, `.` and `@`,
 * 128 characters at most, no `..`. Names stand in URLs, file names and broker subjects, so nothing else is let in.
 */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}$/;
const FORBIDDEN = new Set(['__proto__', 'prototype', 'constructor']);

export const NAME_RULE =
  'start with a letter or digit, then use letters, digits, "_", "-", "." or "@", at most 128 characters, without ".."';

export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value) && !value.includes('..') && !FORBIDDEN.has(value);
}

/** What stands in the place of a transport for agents of ScriptMesh 0.2, which speak three calls instead of frames. */
export const LEGACY_TRANSPORT = 'legacy';

/** The form in which two names that differ only in case are the same. */
export const foldName = (name: string): string => name.toLowerCase();

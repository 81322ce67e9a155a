import { escapeLine } from '../../output/escape-controls.js';

/** The words as they would be typed in a POSIX shell, safe to be shown. */
export const commandText = (words: readonly string[]): string => ['scriptmesh', ...words.map(quote)].join(' ');

const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${escapeLine(word).replaceAll("'", `'\\''`)}'`;

/**
 * Characters that a terminal obeys instead of showing: C0 but tab and newline, DEL, C1 (ESC [ in one character),
 * and the marks that turn the direction of text around.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Makes text safe for a terminal: every obeyed character is shown as its code, as in `\x1b`. Newlines stay. */
export const escapeControls = (text: string): string => text.replace(OBEYED, showCode);

/** For one line, as in a cell of a table. */
export const escapeLine = (text: string): string => escapeControls(text).replace(/[\n\t]/g, showCode);

function showCode(character: string): string {
  if (character === '\r') return '\\r';
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  const code = character.charCodeAt(0);
  return code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`;
}

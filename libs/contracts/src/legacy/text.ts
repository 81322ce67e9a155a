const LINE_ENDS = /\r\n?/g;

/** What ScriptMesh 0.2 makes of a script's output: UTF-8 text, one kind of line end, no white space around it. */
export function toLegacyText(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).replace(LINE_ENDS, '\n');
  let from = 0;
  let until = text.length;
  while (from < until && isSpace(text.charAt(from))) from += 1;
  while (until > from && isSpace(text.charAt(until - 1))) until -= 1;
  return text.slice(from, until);
}

/** What Python takes for white space; JavaScript's own idea of it differs by a few characters. */
const isSpace = (character: string): boolean =>
  /\p{White_Space}/u.test(character) || (character >= '\u001c' && character <= '\u001f');

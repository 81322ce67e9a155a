/** One character beyond Latin-1 makes V8 keep a whole file in two bytes for each of its characters. */
export function inAscii(/** @type {string} */ code) {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

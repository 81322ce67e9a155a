const MAX_LENGTH = 1024;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const DRIVE = /^[A-Za-z]:/;

/** What is wrong with a path, in words; each is a reason to refuse the entry. */
const RULES: readonly (readonly [wrong: (path: string) => boolean, message: string])[] = [
  [(path) => path.includes('\0'), 'must not contain a NUL character'],
  [(path) => CONTROL.test(path), 'must not contain line breaks or control characters'],
  [(path) => LONE_SURROGATE.test(path), 'must be valid Unicode'],
  [(path) => path.includes('\\'), 'must use "/" between folders, not "\\"'],
  [(path) => path.startsWith('/') || DRIVE.test(path), 'must be relative to the scripts folder, not absolute'],
  [(path) => path.startsWith('~'), 'must not begin with "~"; give the path inside the scripts folder'],
  [(path) => path.split('/').includes('..'), 'must not contain ".."'],
  [(path) => toParts(path).length === 0, 'must name a file'],
  [(path) => path.length > MAX_LENGTH, `must be at most ${MAX_LENGTH} characters long`],
];

/** Says why the path of an entry is refused; undefined when it is fine. */
export function findPathFault(path: string): string | undefined {
  return RULES.find(([isWrong]) => isWrong(path))?.[1];
}

/**
 * The parts below the scripts folder. Both spellings mean the same file: `scripts/x.py`, relative to the home
 * folder as 0.2 wrote it, and `x.py`, relative to the scripts folder. Only the first `scripts/` is taken so.
 */
export function toParts(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts[0] === 'scripts' && parts.length > 1 ? parts.slice(1) : parts;
}

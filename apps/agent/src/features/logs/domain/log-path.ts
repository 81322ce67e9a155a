import { isSecretName } from '@scriptmesh/log-files';

const MAX_LENGTH = 1024;
const CONTROL = /\p{Cc}/u;
const LONE_SURROGATE = /\p{Surrogate}/u;
const SYSTEM = /^\/(?:proc|sys|dev)(?:\/|$)/;
const SECRET_FOLDERS = new Set(['cfg', 'spool']);

type PathRule = readonly [isWrong: (path: string) => boolean, message: string];

const EVERY_PATH: readonly PathRule[] = [
  [(path) => CONTROL.test(path), 'must not contain NUL, line breaks or control characters'],
  [(path) => LONE_SURROGATE.test(path), 'must be valid Unicode'],
  [(path) => path.includes('\\') && process.platform !== 'win32', 'must use "/" between folders, not "\\"'],
  [(path) => path.startsWith('~'), 'must not begin with "~"; give the whole path'],
  [(path) => path.split(/[/\\]/).includes('..'), 'must not contain ".."'],
  [(path) => path.length > MAX_LENGTH, `must be at most ${MAX_LENGTH} characters long`],
  [(path) => SYSTEM.test(path), 'must not be in /proc, /sys or /dev: those are no logs'],
];
const OF_A_LOG: readonly PathRule[] = [
  [(path) => toParts(path).length === 0, 'must name a file'],
  [(path) => /[*?]/.test(toParts(path).slice(0, -1).join('/')), 'may have "*" and "?" only in the file name'],
  [(path) => isSecretName(toParts(path).at(-1) ?? ''), 'names a secret (a key, settings or a database), not a log'],
  [(path) => !isAbsolute(path) && SECRET_FOLDERS.has(toParts(path)[0] ?? ''), 'is in a folder that holds secrets'],
];
const OF_A_ROOT: readonly PathRule[] = [
  [(path) => !isAbsolute(path), 'must be an absolute path'],
  [(path) => toParts(path).length === 0, 'must name a folder, not the whole machine'],
  [(path) => /[*?]/.test(path), 'must not contain "*" or "?"'],
];

/** Says why a log's path is refused; undefined when it is fine so far (an absolute one has to be in a root, too). */
export const findPathFault = (path: string): string | undefined => find(path, [...EVERY_PATH, ...OF_A_LOG]);
export const findRootFault = (path: string): string | undefined => find(path, [...EVERY_PATH, ...OF_A_ROOT]);

export const isAbsolute = (path: string): boolean => path.startsWith('/') || /^[A-Za-z]:/.test(path);
export const toParts = (path: string): readonly string[] =>
  path.split(/[/\\]/).filter((part) => part !== '' && part !== '.');

/** The parts below the folder `root`; undefined when the path is not in it. */
export function partsBelow(root: string, path: string): readonly string[] | undefined {
  const above = toParts(root);
  const parts = toParts(path);
  return parts.length > above.length && above.every((part, index) => part === parts[index])
    ? parts.slice(above.length)
    : undefined;
}

const find = (path: string, rules: readonly PathRule[]): string | undefined =>
  rules.find(([isWrong]) => isWrong(path))?.[1];

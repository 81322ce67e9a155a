import { MeshError } from '@scriptmesh/contracts';

const MAX_LENGTH = 1024;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;
/** What decoding leaves of bytes that are not UTF-8; no such name could be asked for again. */
const NOT_UTF8 = /\ufffd|\p{Surrogate}/u;
const DRIVE = /^[A-Za-z]:/;
const ONLY_DOTS = /^\.{2,}$/;
/** A dot, slash, backslash or NUL that somebody might decode once more on the way, however often it was encoded. */
const ENCODED = /%(?:25)*(?:2e|2f|5c|00)/i;

/** A place in the data folder, as far as its spelling goes; whether links lead out of it only the disk can tell. */
export interface FilePath {
  /** Empty for the data folder itself; never "." or "..". */
  readonly parts: readonly string[];
  /** The parts, joined by "/". */
  readonly text: string;
}

/** What is wrong with a path, in words; each is a reason to refuse it. */
const RULES: readonly (readonly [wrong: (path: string) => boolean, message: string])[] = [
  [(path) => path.length > MAX_LENGTH, `is longer than ${MAX_LENGTH} characters`],
  [(path) => CONTROL.test(path), 'holds a NUL or another control character'],
  [(path) => NOT_UTF8.test(path), 'is not valid UTF-8'],
  [(path) => path.includes('\\'), 'holds a "\\"; parts are separated by "/"'],
  [(path) => path.startsWith('/') || DRIVE.test(path), 'is absolute'],
  [(path) => ENCODED.test(path), 'holds an encoded ".", "/", "\\" or NUL'],
  [(path) => path.split('/').some((part) => ONLY_DOTS.test(part)), 'holds a part of nothing but dots'],
];

/**
 * Empty parts and "." mean nothing: `a//b/` is `a/b`.
 * @throws MeshError file/unsafe-path
 */
export function parseFilePath(path: string): FilePath {
  const fault = findFault(path);
  if (fault !== undefined) throw new MeshError('file/unsafe-path', `the path ${fault}`);
  return toFilePath(path.split('/').filter((part) => part !== '' && part !== '.'));
}

/** undefined when a thing of this name could not be asked for. */
export function findChild(folder: FilePath, name: string): FilePath | undefined {
  const child = toFilePath([...folder.parts, name]);
  return findFault(child.text) === undefined ? child : undefined;
}

export const parentOf = ({ parts }: FilePath): FilePath => toFilePath(parts.slice(0, -1));

/** For messages. */
export const showPath = ({ text }: FilePath): string => (text === '' ? 'the data folder' : `"${text}"`);

const findFault = (path: string): string | undefined => RULES.find(([isWrong]) => isWrong(path))?.[1];

const toFilePath = (parts: readonly string[]): FilePath => ({ parts, text: parts.join('/') });

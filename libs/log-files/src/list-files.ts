import type { BigIntStats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogFileResource } from '@scriptmesh/contracts';
import { isSecretName } from './forbidden-places.js';
import type { LogSource } from './log-source.js';
import { hasWildcard, matchesPattern } from './match-pattern.js';
import { getRealFolder } from './real-folder.js';

/** The newest of a log; older ones are found by a narrower pattern. */
const MAX_FILES = 50;
const MAX_MATCHES = 1000;
const MAX_ENTRIES = 20_000;
const UNSHOWABLE = /[/\\\p{Cc}\p{Surrogate}\ufffd]/u;

interface FoundFiles {
  readonly files: readonly LogFileResource[];
  /** Not all that fits the pattern is among them. */
  readonly isCut: boolean;
}

/** Is this a file name that the log has, if the file is there? */
export const isNameOf = (source: LogSource, file: string): boolean =>
  hasWildcard(source.pattern)
    ? !UNSHOWABLE.test(file) && !isSecretName(file) && matchesPattern(file, source.pattern)
    : file === source.pattern;

/**
 * The regular files of a log, the newest first.
 * @throws MeshError log/not-found, log/unreadable when its folder is not there or not to be read
 */
export async function listFiles(source: LogSource, secretFolders: readonly string[]): Promise<FoundFiles> {
  const folder = await getRealFolder(source, secretFolders);
  const { names, isCut } = hasWildcard(source.pattern)
    ? await findNames(folder, source)
    : { names: [source.pattern], isCut: false };
  const found: { name: string; stats: BigIntStats }[] = [];
  for (const name of names) {
    const stats = await lstat(join(folder, name), { bigint: true }).catch(() => undefined);
    if (stats?.isFile()) found.push({ name, stats });
  }
  const newestFirst = found.toSorted((a, b) => Number(b.stats.mtimeNs - a.stats.mtimeNs) || (a.name < b.name ? 1 : -1));
  return { files: newestFirst.slice(0, MAX_FILES).map(toResource), isCut: isCut || found.length > MAX_FILES };
}

async function findNames(folder: string, source: LogSource): Promise<{ names: string[]; isCut: boolean }> {
  const names: string[] = [];
  let seen = 0;
  for await (const { name } of await opendir(folder)) {
    if (seen === MAX_ENTRIES || names.length === MAX_MATCHES) return { names, isCut: true };
    seen += 1;
    if (isNameOf(source, name)) names.push(name);
  }
  return { names, isCut: false };
}

const toResource = ({ name, stats }: { name: string; stats: BigIntStats }): LogFileResource => ({
  name,
  bytes: Number(stats.size),
  modifiedAt: new Date(Number(stats.mtimeMs)).toISOString(),
});

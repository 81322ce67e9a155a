import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

let version: string | undefined;

/** The version in the package.json above this file. */
export function readVersion(): string {
  version ??= findVersion(import.meta.dirname);
  return version;
}

function findVersion(folder: string): string {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    const parent = dirname(folder);
    return parent === folder ? 'unknown' : findVersion(parent);
  }
}

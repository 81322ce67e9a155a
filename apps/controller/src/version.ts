import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of ScriptMesh's package.json, from wherever this file was built to. */
export function findPackageRoot(from: string = dirname(fileURLToPath(import.meta.url))): string {
  if (readName(from) === 'scriptmesh') return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('the package.json of scriptmesh is missing');
  return findPackageRoot(parent);
}

export const readVersion = (packageRoot: string): string => String(readManifest(packageRoot)?.['version'] ?? 'unknown');

const readName = (folder: string): unknown => readManifest(folder)?.['name'];

function readManifest(folder: string): Record<string, unknown> | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  } catch {
    return null;
  }
}

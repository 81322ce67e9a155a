import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { judgePermissions } from '../domain/permissions.js';

/**
 * Judges who can write a file of `cfg`, and the folders that hold it, for whoever can decides what runs here.
 * @param stats of the open file, so that they belong to what was read
 * @param isLegacy as in `judgePermissions`
 * @returns what is let pass with a warning
 * @throws MeshError manifest/unsafe-permissions
 */
export async function checkWriters(path: string, stats: Stats, isLegacy: boolean): Promise<readonly string[]> {
  const uid = process.getuid?.();
  if (uid === undefined) return [];
  const name = shownName(path);
  const places = [{ place: path, shown: name, stats }];
  for (const folder of await foldersOf(path)) {
    const shown = `the folder ${folder === dirname(path) ? 'cfg' : folder} of ${name}`;
    places.push({ place: folder, shown, stats: await stat(folder) });
  }
  const warnings: string[] = [];
  for (const { place, shown, stats: found } of places) {
    const ownership = { mode: found.mode, uid: found.uid, isFolder: found.isDirectory() };
    const verdict = judgePermissions(ownership, uid, isLegacy);
    if (verdict.is === 'fine') continue;
    if (verdict.is === 'refusal') throw refuse(`${shown} is not safe: it ${verdict.why}`, place, uid);
    warnings.push(`${shown} ${verdict.why}`);
  }
  return warnings;
}

/** Changes when others are let write the file's folder, which does not change the file. */
export async function describeFolder(path: string): Promise<string> {
  const { mode, uid } = await stat(dirname(path));
  return `${mode}:${uid}`;
}

/** Where it lies, and where a link leads. */
async function foldersOf(path: string): Promise<ReadonlySet<string>> {
  const here = dirname(path);
  const real = dirname(await realpath(path));
  return new Set((await realpath(here)) === real ? [here] : [here, real]);
}

const shownName = (path: string): string => join('cfg', path.slice(dirname(path).length + 1));

const refuse = (detail: string, place: string, uid: number): MeshError =>
  new MeshError('manifest/unsafe-permissions', detail, {
    hint: `chown ${uid} ${place} && chmod go-w ${place}`,
  });

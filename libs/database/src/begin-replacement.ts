import type { Replacement } from './dialects/sqlite/replacement.js';

/**
 * Begins to put a backup in the place of the SQLite file in use. Whoever begins it ends it.
 * @throws MeshError store/locked, store/bad-backup; nothing was touched then
 */
export async function beginReplacement(file: string, backup: string): Promise<Replacement> {
  const { Replacement } = await import('./dialects/sqlite/replacement.js');
  return Replacement.begin(file, backup);
}

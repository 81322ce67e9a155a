import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyInto } from './backup.js';
import type { SqliteConnection } from './sqlite-connection.js';

const KEPT = 3;
const NAME = /^scriptmesh-schema-(?<schema>\d{4})-\d{8}T\d{6}Z\.sqlite$/;

/**
 * Copies the database before its schema changes, and keeps the newest copy of each of the last three schemas: a
 * migration that fails again at each start must not drive out the copy of what was there before.
 * @param applied number of the schema that the copy has
 * @returns where the copy is
 * @throws MeshError store/full, store/unavailable: without a copy nothing is migrated
 */
export function backUpBeforeMigration(
  connection: SqliteConnection,
  folder: string,
  applied: number,
  nowMs: number,
): string {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const target = join(folder, `scriptmesh-schema-${String(applied).padStart(4, '0')}-${stamp}.sqlite`);
  copyInto(connection, target);
  const copies = readdirSync(folder).filter((name) => NAME.test(name));
  const kept = new Set(newestOfEach(copies).slice(-KEPT));
  for (const name of copies) if (!kept.has(name)) rmSync(join(folder, name));
  return target;
}

const newestOfEach = (copies: readonly string[]): readonly string[] => [
  ...new Map(copies.toSorted().map((name) => [NAME.exec(name)?.groups?.['schema'], name])).values(),
];

/**
 * Copies the store into a new file while orchestrators may be running on it. `file` is the SQLite file, `url` that of
 * PostgreSQL; null = SQLite.
 * @throws MeshError store/bad-backup, store/full, store/unavailable; nothing stands at `target` then
 */
export async function backUpDatabase(
  { url, file }: { readonly url: string | null; readonly file: string },
  target: string,
): Promise<void> {
  if (url !== null) {
    const { dumpPostgres } = await import('./dialects/postgres/pg-dump.js');
    return dumpPostgres(url, target);
  }
  const { backUpFile } = await import('./dialects/sqlite/backup.js');
  backUpFile(file, target);
}

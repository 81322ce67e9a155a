import type { StoreFacts } from './store-facts.js';

/**
 * Looks at a store, which may be in use, and changes nothing in it. `file` is the SQLite file, which must be there;
 * `url` that of PostgreSQL; null = SQLite.
 * @throws MeshError store/unavailable when it cannot be reached or read
 */
export async function examineDatabase({
  url,
  file,
}: {
  readonly url: string | null;
  readonly file: string;
}): Promise<StoreFacts> {
  if (url !== null) {
    const { examinePostgres } = await import('./dialects/postgres/examine-postgres.js');
    return examinePostgres(url);
  }
  const { examineFile } = await import('./dialects/sqlite/examine-file.js');
  return examineFile(file);
}

/** What is wrong with a SQLite file, which may be in use; undefined when it is whole and ours. */
export async function examineDatabase(file: string): Promise<string | undefined> {
  const { findFault, withConnection } = await import('./dialects/sqlite/database-file.js');
  try {
    return withConnection(file, findFault);
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`;
  }
}

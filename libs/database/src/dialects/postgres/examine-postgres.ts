import { sql, type Kysely } from 'kysely';
import { newestApplied } from '../../migrations/migrate.js';
import type { StoreFacts } from '../../store-facts.js';
import { kyselyOn } from './postgres-database.js';
import { GuardedPool } from './postgres-pool.js';
import { postgresSchema } from './postgres-schema.js';

/** @throws MeshError store/unavailable when the server does not answer */
export async function examinePostgres(url: string): Promise<StoreFacts> {
  const settings = ['default_transaction_read_only = on'];
  const db = kyselyOn(new GuardedPool({ url, settings, onConnectionLost: () => {} }));
  try {
    const schema = await newestApplied(db as unknown as Kysely<unknown>, postgresSchema);
    if (schema === 0) return { schema, meta: {} };
    const { rows } = await sql<{ key: string; value: string }>`select key, value from meta`.execute(db);
    return { schema, meta: Object.fromEntries(rows.map(({ key, value }) => [key, value])) };
  } finally {
    await db.destroy();
  }
}

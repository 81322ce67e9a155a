import { sql } from 'kysely';
import type { Migration } from './migration.js';

/** What a request that is sent twice, a cancel that is sent until it is answered and a retry need. */
export const repeatsAndCancels: Migration = {
  number: 2,
  name: 'repeats and cancels',
  async up(db, { text, integer, endTable }) {
    // No reference to runs: whoever writes the key first makes the run, so the key comes first.
    await endTable(
      db.schema
        .createTable('idempotency_keys')
        .addColumn('principal', text, (c) => c.notNull())
        .addColumn('key', text, (c) => c.notNull())
        .addColumn('request_sha', text, (c) => c.notNull())
        .addColumn('run_id', text, (c) => c.notNull())
        .addColumn('created_at', integer, (c) => c.notNull())
        .addPrimaryKeyConstraint('idempotency_keys_pkey', ['principal', 'key']),
    ).execute();
    await db.schema.createIndex('idempotency_keys_by_age').on('idempotency_keys').column('created_at').execute();
    await db.schema.alterTable('runs').addColumn('cancel_why', text).execute();
    await db.schema
      .createIndex('runs_cancelling')
      .on('runs')
      .columns(['next_offer_at', 'id'])
      .where(sql.raw<boolean>(`cancel_requested = 1 and state in ('dispatched', 'running')`))
      .execute();
    await db.schema
      .createIndex('runs_by_retry_of')
      .on('runs')
      .columns(['retry_of', 'id'])
      .where(sql.raw<boolean>('retry_of is not null'))
      .execute();
  },
};

import type { Migration } from './migration.js';

/** What a run that is tried again automatically needs. */
export const automaticRetries: Migration = {
  number: 5,
  name: 'automatic retries',
  async up(db, { text, integer }) {
    const runs = () => db.schema.alterTable('runs');
    await runs()
      .addColumn('retries', integer, (c) => c.notNull().defaultTo(0))
      .execute();
    await runs()
      .addColumn('attempt', integer, (c) => c.notNull().defaultTo(1))
      .execute();
    await runs().addColumn('not_before', integer).execute();
    await runs().addColumn('retried_by', text).execute();
  },
};

import type { Migration } from './migration.js';

/** Where the last bytes of outputs stand of which more was written than is kept; the bytes themselves are in run_output. */
export const tails: Migration = {
  number: 6,
  name: 'tails',
  async up(db, { text }) {
    await db.schema.alterTable('runs').addColumn('tails', text).execute();
  },
};

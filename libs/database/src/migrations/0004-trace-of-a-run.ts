import type { Migration } from './migration.js';

/** A run is offered again after a restart, and still belongs to its caller's trace. */
export const traceOfARun: Migration = {
  number: 4,
  name: 'trace of a run',
  async up(db, { text }) {
    await db.schema.alterTable('runs').addColumn('traceparent', text).execute();
  },
};

import type { Migration } from './migration.js';

// Spelled out and not taken from the contracts: a migration must do the same for ever.
const LIVE = `('queued', 'dispatched', 'running')`;

/** What was asked for, and what came of it. Bookkeeping (rev, offers, ...), late_result and output_pruned_at may change. */
export const FROZEN = [
  'id',
  'agent_id',
  'agent_name',
  'script',
  'params',
  'state',
  'executed',
  'journal_id',
  'started',
  'principal',
  'origin',
  'created_at',
  'dispatched_at',
  'started_at',
  'finished_at',
  'deliver_by',
  'timeout_ms',
  'effective_timeout_ms',
  'script_sha',
  'exit_code',
  'signal',
  'killed_by',
  'reason_code',
  'reason',
  'truncated',
  'stdout_bytes',
  'stderr_bytes',
  'dropped_bytes',
  'retry_of',
];

export const protectedEnds: Migration = {
  number: 3,
  name: 'protected ends',
  async up(db, dialect) {
    await db.schema.alterTable('runs').addColumn('output_pruned_at', dialect.integer).execute();
    await dialect.dropFreeze(db, 'runs');
    await dialect.refuseChange(db, {
      table: 'runs',
      change: 'update',
      columns: FROZEN,
      when: `old.state not in ${LIVE}`,
      message: 'a run that has ended does not change; later evidence goes to late_result',
    });
    await dialect.refuseChange(db, {
      table: 'runs',
      change: 'delete',
      when: `old.state in ${LIVE}`,
      message: 'a run that has not ended is not deleted',
    });
    await dialect.refuseChange(db, {
      table: 'run_output',
      change: 'update',
      when: 'true',
      message: 'stored output does not change',
    });
  },
};

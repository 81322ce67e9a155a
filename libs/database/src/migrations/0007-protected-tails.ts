import { FROZEN } from './0003-protected-ends.js';
import type { Migration } from './migration.js';

/** Of a run that has ended, `tails` does not change either. */
export const protectedTails: Migration = {
  number: 7,
  name: 'protected tails',
  async up(db, dialect) {
    await dialect.dropRefusal(db, { table: 'runs', change: 'update' });
    await dialect.refuseChange(db, {
      table: 'runs',
      change: 'update',
      columns: [...FROZEN, 'tails'],
      when: `old.state not in ('queued', 'dispatched', 'running')`,
      message: 'a run that has ended does not change; later evidence goes to late_result',
    });
  },
};

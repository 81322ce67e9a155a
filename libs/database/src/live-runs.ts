import { sql } from 'kysely';

/**
 * Runs that have not ended, as a condition on `runs`. Use it (not a list of bound values) wherever live runs are
 * looked for: SQLite takes the small index over live runs only when it reads exactly these words.
 */
export const isLiveRun = sql<boolean>`state in ('queued', 'dispatched', 'running')`;

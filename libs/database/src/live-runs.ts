import { sql } from 'kysely';

/**
 * Runs that have not ended, as a condition on `runs`. Use it (not a list of bound values) wherever live runs are
 * looked for: SQLite takes the small index over live runs only when it reads exactly these words.
 */
export const isLiveRun = sql<boolean>`state in ('queued', 'dispatched', 'running')`;
/** Runs whose agent has yet to answer a cancel; they have an index of their own. */
export const isCancellingRun = sql<boolean>`cancel_requested = 1 and state in ('dispatched', 'running')`;

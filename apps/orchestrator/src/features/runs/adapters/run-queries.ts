/** The queries that every run asks, prepared: the others are built where they are used. */
import type { AgentId, RunId, Stream } from '@scriptmesh/contracts';
import { isLiveRun, PreparedFamily, PreparedQuery, type RunsTable, type Schema } from '@scriptmesh/database';
import type { ExpressionBuilder } from 'kysely';

export const FIND = new PreparedQuery((db, { id }: { id: RunId }) =>
  db.selectFrom('runs').selectAll().where('id', '=', id),
);

/** By the columns that are written; the others stay null. */
export const INSERT = new PreparedFamily((columns: readonly (keyof RunsTable)[], db, values: Partial<RunsTable>) =>
  db.insertInto('runs').values(pick(columns, values) as unknown as RunsTable),
);

interface Was {
  readonly was_id: string;
  readonly was_state: string;
  readonly was_rev: number;
}

/** A compare-and-set, by the columns that are written. */
export const UPDATE = new PreparedFamily(
  (columns: readonly (keyof RunsTable)[], db, values: Partial<RunsTable> & Was) =>
    db
      .updateTable('runs')
      .set(pick(columns, values))
      .where('id', '=', values.was_id)
      .where('state', '=', values.was_state)
      .where('rev', '=', values.was_rev),
);

export const LIST_LIVE = new PreparedQuery((db, { agent }: { agent: AgentId }) =>
  db.selectFrom('runs').selectAll().where(isLiveRun).where('agent_id', '=', agent).orderBy('id'),
);

export const FIND_WAITING = new PreparedQuery((db, { agent }: { agent: AgentId }) =>
  db
    .selectFrom('runs')
    .select('id')
    .where(isLiveRun)
    .where('agent_id', '=', agent)
    .where((is) => is.or([is('state', '=', 'queued'), is('state', '=', 'dispatched')]))
    .limit(1),
);

/** The run in the queue of an agent that may leave next of those that may not leave yet. */
export const FIND_NOT_BEFORE = new PreparedQuery((db, { agent, nowMs }: { agent: AgentId; nowMs: number }) =>
  db
    .selectFrom('runs')
    .select('not_before')
    .where(isLiveRun)
    .where('agent_id', '=', agent)
    .where('state', '=', 'queued')
    .where('not_before', '>', nowMs)
    .orderBy('not_before')
    .limit(1),
);

interface Offerable {
  readonly agent: AgentId;
  readonly nowMs: number;
  readonly beyondMs: number;
  readonly limit: number;
}

/** By how many scripts are left out; their names are `script 0`, `script 1`, ... */
/**
 * `mayRepeat`, for a run whose agent has a journal: nothing else is ever sent twice.
 * @param beyondMs later than any pause ends that was noted by a clock that stands as it does now
 */
export const isPauseOver = (is: ExpressionBuilder<Schema, 'runs'>, nowMs: number, beyondMs: number) =>
  is.or([
    is('next_offer_at', '<=', nowMs),
    is.and([is('next_offer_at', '>', beyondMs), is('journal_id', 'is not', null)]),
  ]);

export const LIST_OFFERABLE = new PreparedFamily((notScripts: number, db, values: Offerable) => {
  const { agent, nowMs, beyondMs, limit } = values;
  const query = db
    .selectFrom('runs')
    .selectAll()
    .where(isLiveRun)
    .where('agent_id', '=', agent)
    .where('restored', '=', 0)
    .where('cancel_requested', '=', 0)
    .where('deliver_by', '>', nowMs)
    .where((is) =>
      is.or([is('state', '=', 'queued'), is.and([is('state', '=', 'dispatched'), isPauseOver(is, nowMs, beyondMs)])]),
    )
    .where((is) => is.or([is('not_before', 'is', null), is('not_before', '<=', nowMs)]))
    .orderBy('id')
    .limit(limit);
  const names = Array.from({ length: notScripts }, (_, n) => (values as never)[`script ${n}`] as string);
  return notScripts > 0 ? query.where('script', 'not in', names) : query;
});

interface Place {
  readonly id: RunId;
  readonly stream: Stream;
  readonly offset: number;
}

export const APPEND_OUTPUT = new PreparedQuery((db, { id, stream, offset, bytes }: Place & { bytes: Uint8Array }) =>
  db.insertInto('run_output').values({ run_id: id, stream, start_offset: offset, bytes }),
);

/** The stored piece in which the byte at `offset` is, if there is one. */
export const PIECE_AT = new PreparedQuery((db, { id, stream, offset }: Place) =>
  db
    .selectFrom('run_output')
    .select(['start_offset', 'bytes'])
    .where('run_id', '=', id)
    .where('stream', '=', stream)
    .where('start_offset', '<=', offset)
    .orderBy('start_offset', 'desc')
    .limit(1),
);

/** A few pieces that begin after `offset`. */
export const NEXT_PIECES = new PreparedQuery((db, { id, stream, offset }: Place) =>
  db
    .selectFrom('run_output')
    .select(['start_offset', 'bytes'])
    .where('run_id', '=', id)
    .where('stream', '=', stream)
    .where('start_offset', '>', offset)
    .orderBy('start_offset')
    .limit(16),
);

function pick(columns: readonly (keyof RunsTable)[], values: Partial<RunsTable>): Partial<RunsTable> {
  return Object.fromEntries(columns.map((column) => [column, values[column]]));
}

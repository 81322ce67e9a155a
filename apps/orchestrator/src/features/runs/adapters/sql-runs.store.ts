import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AgentId, RunId, Stream } from '@scriptmesh/contracts';
import {
  Database,
  isCancellingRun,
  isLiveRun,
  isUniqueViolation,
  type RunsTable,
  type Writer,
} from '@scriptmesh/database';
import { LONGEST_REPEAT_MS } from '../domain/claim.js';
import type { Run } from '../domain/run.js';
import { RunChangedError, RunsStore, type RunFilter } from '../runs.store.js';
import { fromRow, toRow } from './run-rows.js';
import {
  isPauseOver,
  APPEND_OUTPUT,
  FIND,
  FIND_NOT_BEFORE,
  FIND_WAITING,
  INSERT,
  LIST_LIVE,
  LIST_OFFERABLE,
  NEXT_PIECES,
  PIECE_AT,
  UPDATE,
} from './run-queries.js';

/** Written by retention. */
const PRUNED_THROUGH = 'runs_pruned_through';

@Injectable()
export class SqlRunsStore extends RunsStore {
  constructor(private readonly db: Database) {
    super();
  }

  override async insert(trx: Writer, run: Run): Promise<void> {
    // What is null is left out: each value that is handed over costs a microsecond.
    const row = Object.fromEntries(Object.entries(toRow(run)).filter(([, value]) => value !== null));
    const columns = Object.keys(row);
    try {
      await INSERT.of(columns.join(), columns as (keyof RunsTable)[]).run(trx, row as Partial<RunsTable>);
    } catch (error) {
      throw isUniqueViolation(error) ? new RunChangedError(`there is a run ${run.id} already`) : error;
    }
  }

  override async find(id: RunId): Promise<Run | undefined> {
    const row = await FIND.first(this.db.read, { id });
    return row && fromRow(row);
  }

  override async findForChange(trx: Writer, ids: readonly RunId[]): Promise<readonly Run[]> {
    const [id, ...more] = ids;
    if (id === undefined) return [];
    const rows =
      more.length > 0
        ? await trx.selectFrom('runs').selectAll().where('id', 'in', ids).execute()
        : [await FIND.first(trx, { id })];
    return rows.filter((row) => row !== undefined).map(fromRow);
  }

  override async findLiveForChange(trx: Writer, agent: AgentId): Promise<readonly Run[]> {
    const rows = await trx.selectFrom('runs').selectAll().where(isLiveRun).where('agent_id', '=', agent).execute();
    return rows.map(fromRow);
  }

  override async update(trx: Writer, before: Run, after: Run): Promise<void> {
    const changed = changedColumns(toRow(before), toRow(after));
    const columns = Object.keys(changed) as (keyof RunsTable)[];
    const { id, state, rev } = before;
    const updated = await UPDATE.of(columns.join(), columns).run(trx, {
      ...changed,
      was_id: id,
      was_state: state,
      was_rev: rev,
    });
    if (updated !== 1) throw new RunChangedError(`run ${before.id} has changed since it was read`);
  }

  override async list({ limit, state, agent, script, retryOf, before }: RunFilter): Promise<readonly Run[]> {
    let query = this.db.read.selectFrom('runs').selectAll().orderBy('id', 'desc').limit(limit);
    if (state !== null) query = query.where('state', '=', state);
    if (agent !== null) query = query.where((is) => is.or([is('agent_name', '=', agent), is('agent_id', '=', agent)]));
    if (script !== null) query = query.where('script', '=', script);
    if (retryOf !== null) query = query.where('retry_of', '=', retryOf);
    if (before !== null) query = query.where('id', '<', before);
    return (await query.execute()).map(fromRow);
  }

  override async listLive(agent: AgentId | null): Promise<readonly Run[]> {
    const rows =
      agent === null
        ? await this.db.read.selectFrom('runs').selectAll().where(isLiveRun).orderBy('id').execute()
        : await LIST_LIVE.all(this.db.read, { agent });
    return rows.map(fromRow);
  }

  override async listOfferable(
    agent: AgentId,
    nowMs: number,
    limit: number,
    notScripts: readonly string[],
  ): Promise<readonly Run[]> {
    const query = LIST_OFFERABLE.of(String(notScripts.length), notScripts.length);
    const scripts = Object.fromEntries(notScripts.map((script, n) => [`script ${n}`, script]));
    return (
      await query.all(this.db.read, { agent, nowMs, beyondMs: nowMs + LONGEST_REPEAT_MS, limit, ...scripts })
    ).map(fromRow);
  }

  override async hasWaiting(agent: AgentId): Promise<boolean> {
    return (await FIND_WAITING.first(this.db.read, { agent })) !== undefined;
  }

  override async findNotBefore(agent: AgentId, nowMs: number): Promise<number | null> {
    return (await FIND_NOT_BEFORE.first(this.db.read, { agent, nowMs }))?.not_before ?? null;
  }

  override async listOverdue(nowMs: number, limit: number): Promise<readonly Run[]> {
    const rows = await this.db.read
      .selectFrom('runs')
      .selectAll()
      .where(isLiveRun)
      .where('state', '!=', 'running')
      .where('deliver_by', '<=', nowMs)
      .orderBy('next_offer_at')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(fromRow);
  }

  override async listCancelling(nowMs: number, limit: number): Promise<readonly Run[]> {
    const rows = await this.db.read
      .selectFrom('runs')
      .selectAll()
      .where(isCancellingRun)
      .where((is) => is.or([is('next_offer_at', 'is', null), isPauseOver(is, nowMs, nowMs + LONGEST_REPEAT_MS)]))
      .orderBy('next_offer_at')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(fromRow);
  }

  override async countAdopted(trx: Writer, agent: AgentId): Promise<number> {
    const row = await trx
      .selectFrom('runs')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where(isLiveRun)
      .where('agent_id', '=', agent)
      .where('restored', '=', 1)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  override async findPrunedThrough(): Promise<RunId | null> {
    const row = await this.db.read
      .selectFrom('meta')
      .select('value')
      .where('key', '=', PRUNED_THROUGH)
      .executeTakeFirst();
    return (row?.value ?? null) as RunId | null;
  }

  override async filterUnknown(ids: readonly RunId[]): Promise<readonly RunId[]> {
    if (ids.length === 0) return [];
    const rows = await this.db.read.selectFrom('runs').select('id').where('id', 'in', ids).execute();
    const known = new Set<string>(rows.map(({ id }) => id));
    return ids.filter((id) => !known.has(id));
  }

  override async countQueued(): Promise<number> {
    const row = await this.db.read
      .selectFrom('runs')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where(isLiveRun)
      .where('state', '=', 'queued')
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  override async appendOutput(
    trx: Writer,
    id: RunId,
    stream: Stream,
    offset: number,
    bytes: Uint8Array,
  ): Promise<void> {
    try {
      await APPEND_OUTPUT.run(trx, { id, stream, offset, bytes: Buffer.from(bytes) });
    } catch (error) {
      // Another instance was quicker with the same bytes.
      throw isUniqueViolation(error) ? new RunChangedError(`run ${id} has got this output meanwhile`) : error;
    }
  }

  override async deleteOutput(trx: Writer, id: RunId, stream: Stream): Promise<void> {
    await trx.deleteFrom('run_output').where('run_id', '=', id).where('stream', '=', stream).execute();
  }

  override async readOutput(id: RunId, stream: Stream, offset: number, mostBytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let next = offset;
    while (next - offset < mostBytes) {
      const row = await PIECE_AT.first(this.db.read, { id, stream, offset: next });
      const rest = row?.bytes.subarray(next - row.start_offset);
      if (!rest || rest.byteLength === 0) break;
      parts.push(rest);
      next += rest.byteLength;
    }
    return Buffer.concat(parts);
  }

  override async findOutputEnd(trx: Writer, id: RunId, stream: Stream): Promise<number> {
    const last = await PIECE_AT.first(trx, { id, stream, offset: Number.MAX_SAFE_INTEGER });
    return last ? last.start_offset + last.bytes.byteLength : 0;
  }

  override async digestOutput(trx: Writer, id: RunId, stream: Stream): Promise<string> {
    const hash = createHash('sha256');
    let after = -1;
    for (;;) {
      // A few pieces at a time, so that the output of one run never stands in memory whole.
      const rows = await NEXT_PIECES.all(trx, { id, stream, offset: after });
      for (const { bytes } of rows) hash.update(bytes);
      const last = rows.at(-1);
      if (!last) return hash.digest('hex');
      after = last.start_offset;
    }
  }
}

function changedColumns(before: RunsTable, after: RunsTable): Partial<RunsTable> {
  const columns = Object.keys(after) as (keyof RunsTable)[];
  return Object.fromEntries(columns.filter((name) => after[name] !== before[name]).map((name) => [name, after[name]]));
}

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
import type { Run } from '../domain/run.js';
import { RunChangedError, RunsStore, type RunFilter } from '../runs.store.js';
import { fromRow, toRow } from './run-rows.js';

/** Written by retention. */
const PRUNED_THROUGH = 'runs_pruned_through';

@Injectable()
export class SqlRunsStore extends RunsStore {
  constructor(private readonly db: Database) {
    super();
  }

  override async insert(trx: Writer, run: Run): Promise<void> {
    try {
      await trx.insertInto('runs').values(toRow(run)).execute();
    } catch (error) {
      throw isUniqueViolation(error) ? new RunChangedError(`there is a run ${run.id} already`) : error;
    }
  }

  override async find(id: RunId): Promise<Run | undefined> {
    const row = await this.db.read.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
    return row && fromRow(row);
  }

  override async findForChange(trx: Writer, ids: readonly RunId[]): Promise<readonly Run[]> {
    const rows = await trx.selectFrom('runs').selectAll().where('id', 'in', ids).execute();
    return rows.map(fromRow);
  }

  override async findLiveForChange(trx: Writer, agent: AgentId): Promise<readonly Run[]> {
    const rows = await trx.selectFrom('runs').selectAll().where(isLiveRun).where('agent_id', '=', agent).execute();
    return rows.map(fromRow);
  }

  override async update(trx: Writer, before: Run, after: Run): Promise<void> {
    const changed = await trx
      .updateTable('runs')
      .set(changedColumns(toRow(before), toRow(after)))
      .where('id', '=', before.id)
      .where('state', '=', before.state)
      .where('rev', '=', before.rev)
      .executeTakeFirst();
    if (changed.numUpdatedRows !== 1n) throw new RunChangedError(`run ${before.id} has changed since it was read`);
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
    let query = this.db.read.selectFrom('runs').selectAll().where(isLiveRun).orderBy('id');
    if (agent !== null) query = query.where('agent_id', '=', agent);
    return (await query.execute()).map(fromRow);
  }

  override async listOfferable(
    agent: AgentId,
    nowMs: number,
    limit: number,
    notScripts: readonly string[],
  ): Promise<readonly Run[]> {
    let query = this.db.read
      .selectFrom('runs')
      .selectAll()
      .where(isLiveRun)
      .where('agent_id', '=', agent)
      .where('restored', '=', 0)
      .where('cancel_requested', '=', 0)
      .where('deliver_by', '>', nowMs)
      .where((is) =>
        is.or([is('state', '=', 'queued'), is.and([is('state', '=', 'dispatched'), is('next_offer_at', '<=', nowMs)])]),
      )
      .orderBy('id')
      .limit(limit);
    if (notScripts.length > 0) query = query.where('script', 'not in', notScripts);
    return (await query.execute()).map(fromRow);
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
      .where((is) => is.or([is('next_offer_at', 'is', null), is('next_offer_at', '<=', nowMs)]))
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
    const row = { run_id: id, stream, start_offset: offset, bytes: Buffer.from(bytes) };
    try {
      await trx.insertInto('run_output').values(row).execute();
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
      const row = await this.db.read
        .selectFrom('run_output')
        .select(['start_offset', 'bytes'])
        .where('run_id', '=', id)
        .where('stream', '=', stream)
        .where('start_offset', '<=', next)
        .orderBy('start_offset', 'desc')
        .limit(1)
        .executeTakeFirst();
      const rest = row?.bytes.subarray(next - row.start_offset);
      if (!rest || rest.byteLength === 0) break;
      parts.push(rest);
      next += rest.byteLength;
    }
    return Buffer.concat(parts);
  }

  override async digestOutput(trx: Writer, id: RunId, stream: Stream): Promise<string> {
    const hash = createHash('sha256');
    let after = -1;
    for (;;) {
      // A few pieces at a time, so that the output of one run never stands in memory whole.
      const rows = await trx
        .selectFrom('run_output')
        .select(['start_offset', 'bytes'])
        .where('run_id', '=', id)
        .where('stream', '=', stream)
        .where('start_offset', '>', after)
        .orderBy('start_offset')
        .limit(16)
        .execute();
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

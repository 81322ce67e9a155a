import { Injectable } from '@nestjs/common';
import type { RunId } from '@scriptmesh/contracts';
import { Database, isLiveRun } from '@scriptmesh/database';
import { sql } from 'kysely';
import { RetentionStore, type KeptRun } from '../retention.store.js';

/** Pieces of output removed in one transaction: at most 16 MiB, as agents cut them. */
const PIECES_AT_ONCE = 32;
/** Read by the store of runs. */
const PRUNED_THROUGH = 'runs_pruned_through';

const isEnded = sql<boolean>`not (${isLiveRun})`;

@Injectable()
export class SqlRetentionStore extends RetentionStore {
  constructor(private readonly db: Database) {
    super();
  }

  override async listPage(before: RunId | null, limit: number): Promise<readonly KeptRun[]> {
    let query = this.db.read
      .selectFrom('runs')
      .select(['id', sql<number>`case when ${isLiveRun} then 0 else 1 end`.as('is_final')])
      .orderBy('id', 'desc')
      .limit(limit);
    if (before !== null) query = query.where('id', '<', before);
    const rows = await query.execute();
    const [newest, oldest] = [rows[0], rows.at(-1)];
    if (!newest || !oldest) return [];
    const bytes = await this.#countBytes(oldest.id, newest.id);
    return rows.map(({ id, is_final }) => ({
      id: id as RunId,
      isFinal: Number(is_final) === 1,
      bytes: bytes.get(id) ?? 0,
    }));
  }

  override async listEndedBefore(timeMs: number, limit: number): Promise<readonly RunId[]> {
    const rows = await this.db.read
      .selectFrom('runs')
      .select('id')
      // A run ends after it was made; only the time it was made has an index.
      .where('created_at', '<', timeMs)
      .where('finished_at', '<', timeMs)
      .where(isEnded)
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id as RunId);
  }

  override async listEndedThrough(through: RunId, limit: number): Promise<readonly RunId[]> {
    const rows = await this.db.read
      .selectFrom('runs')
      .select('id')
      .where('id', '<=', through)
      .where(isEnded)
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id as RunId);
  }

  override async listOutputThrough(through: RunId, limit: number): Promise<readonly RunId[]> {
    const rows = await this.db.read
      .selectFrom('run_output')
      .innerJoin('runs', 'runs.id', 'run_output.run_id')
      .select('run_output.run_id')
      .distinct()
      .where('run_output.run_id', '<=', through)
      .where(isEnded)
      .orderBy('run_output.run_id')
      .limit(limit)
      .execute();
    return rows.map(({ run_id }) => run_id as RunId);
  }

  override async pruneOutput(ids: readonly RunId[], nowMs: number): Promise<void> {
    if (ids.length === 0) return;
    await this.db.write((trx) =>
      trx
        .updateTable('runs')
        .set(({ eb }) => ({ output_pruned_at: nowMs, rev: eb('rev', '+', 1) }))
        .where('id', 'in', ids)
        .where('output_pruned_at', 'is', null)
        .where(isEnded)
        .execute(),
    );
    while ((await this.#removePieces(ids)) === PIECES_AT_ONCE);
  }

  override async pruneRuns(ids: readonly RunId[]): Promise<void> {
    const highest = ids.toSorted().at(-1);
    if (highest === undefined) return;
    await this.db.write(async (trx) => {
      await trx.deleteFrom('runs').where('id', 'in', ids).where(isEnded).execute();
      await trx
        .insertInto('meta')
        .values({ key: PRUNED_THROUGH, value: highest })
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet({ value: highest }).where('meta.value', '<', highest),
        )
        .execute();
    });
  }

  /** @returns how many there were, at most PIECES_AT_ONCE */
  async #removePieces(ids: readonly RunId[]): Promise<number> {
    return this.db.write(async (trx) => {
      const pieces = await trx
        .selectFrom('run_output')
        .innerJoin('runs', 'runs.id', 'run_output.run_id')
        .select(['run_id', 'stream', 'start_offset'])
        .where('run_id', 'in', ids)
        .where(isEnded)
        .orderBy('run_id')
        .orderBy('stream')
        .orderBy('start_offset')
        .limit(PIECES_AT_ONCE)
        .execute();
      for (const piece of pieces) {
        await trx
          .deleteFrom('run_output')
          .where('run_id', '=', piece.run_id)
          .where('stream', '=', piece.stream)
          .where('start_offset', '=', piece.start_offset)
          .execute();
      }
      return pieces.length;
    });
  }

  async #countBytes(from: string, to: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.db.read
      .selectFrom('run_output')
      .select(['run_id', sql<number>`sum(length(bytes))`.as('bytes')])
      .where('run_id', '>=', from)
      .where('run_id', '<=', to)
      .groupBy('run_id')
      .execute();
    return new Map(rows.map(({ run_id, bytes }) => [run_id, Number(bytes)]));
  }
}

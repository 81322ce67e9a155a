import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isFinalState, SYSTEM_PRINCIPAL, type AgentId, type JournalId, type RunId } from '@scriptmesh/contracts';
import { Database, type Writer } from '@scriptmesh/database';
import { Logger } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import { AuditLog } from '../audit/index.js';
import { StoreWatch } from '../links/index.js';
import { AgentDirectory } from '../registry/index.js';
import { markRestored, RunsStore, RunWriter, type RunsInWork } from '../runs/index.js';

/**
 * By so much the count of commits goes up with a restore: more than any installation commits between two of them, so
 * that what agents were told before it never again looks like news.
 */
const LEAP = 2 ** 40;
const IDS_IN_ONE_QUERY = 1000;

export interface MarkedRuns {
  /** Live runs that were marked. */
  readonly marked: number;
  /** Of these, the ones that had been waiting in the queue. */
  readonly fromQueue: number;
}

@Injectable()
export class RestoreSurroundings {
  constructor(
    readonly store: StoreWatch,
    readonly clock: Clock,
    readonly log: Logger,
    readonly audit: AuditLog,
  ) {}
}

/** Marks every live run of a restored database, in one transaction, and gives every agent a fresh window of silence. */
@Injectable()
export class RestoredRuns implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly runs: RunsStore,
    private readonly writer: RunWriter,
    private readonly agents: AgentDirectory,
    private readonly surroundings: RestoreSurroundings,
  ) {}

  onModuleInit(): void {
    this.surroundings.store.onOlderStore(async (toldSeq) => {
      const { marked } = await this.mark(toldSeq);
      this.surroundings.log.error('store.older-than-told', {
        toldSeq,
        storeSeq: this.db.storeSeq,
        markedRuns: marked,
        hint: 'The database was restored from a backup without "scriptmesh orchestrator restore". Live runs are asked about now, never offered again.',
      });
    });
  }

  /** @param toldSeq what agents were told of the store, as far as is known */
  async mark(toldSeq: number): Promise<MarkedRuns> {
    const nowMs = this.surroundings.clock.nowMs();
    const ids = (await this.runs.listLive(null)).map(({ id }) => id);
    const journals = await this.#journals();
    const marked = await this.writer.write(SYSTEM_PRINCIPAL, async (runs) => {
      for (let at = 0; at < ids.length; at += IDS_IN_ONE_QUERY) await runs.read(ids.slice(at, at + IDS_IN_ONE_QUERY));
      let fromQueue = 0;
      for (const id of ids) fromQueue += Number(this.#markOne(runs, id, journals, nowMs));
      await this.#noteRestore(runs.trx, nowMs, toldSeq, runs.changes.length);
      return { marked: runs.changes.length, fromQueue };
    });
    // After the marks are durable: should this fail, the restore is noticed once more, and nothing is marked twice.
    await this.db.raiseStoreSeq(Math.max(toldSeq, await this.db.readStoreSeq()) + LEAP);
    return marked;
  }

  /** @returns whether it waited in the queue */
  #markOne(runs: RunsInWork, id: RunId, journals: ReadonlyMap<AgentId, JournalId | null>, nowMs: number): boolean {
    const run = runs.find(id);
    if (!run || isFinalState(run.state) || run.restored) return false;
    runs.apply(markRestored(run, journals.get(run.agentId) ?? null, nowMs));
    return run.state === 'queued';
  }

  async #journals(): Promise<ReadonlyMap<AgentId, JournalId | null>> {
    return new Map((await this.agents.listAgents()).map(({ id, journalId }) => [id, journalId]));
  }

  async #noteRestore(trx: Writer, nowMs: number, toldSeq: number, markedRuns: number): Promise<void> {
    const value = String(nowMs);
    await trx
      .insertInto('meta')
      .values({ key: 'silence_counts_from', value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
    await this.surroundings.audit.append(trx, [
      {
        principal: SYSTEM_PRINCIPAL,
        action: 'store.restored',
        subjectKind: 'access',
        subject: 'database',
        detail: { toldSeq, storeSeq: this.db.storeSeq, markedRuns },
      },
    ]);
  }
}

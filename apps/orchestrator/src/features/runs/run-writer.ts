import { Injectable } from '@nestjs/common';
import { SYSTEM_PRINCIPAL, type PrincipalId, type RunId } from '@scriptmesh/contracts';
import { Database, type Writer } from '@scriptmesh/database';
import { failpoint } from '@scriptmesh/failpoints';
import { AuditLog, type AuditEntry } from '../audit/index.js';
import { causeOf, unmoved, type Move, type Progress } from './domain/run-progress.js';
import type { Run } from './domain/run.js';
import { AutomaticRetries } from './automatic-retries.js';
import { RunFeed } from './run-feed.js';
import { RunsInWork } from './runs-in-work.js';
import { RunChangedError, RunsStore } from './runs.store.js';

const MOST_TRIES = 10;

/** The only way in which runs change: compare-and-set, with an audit row for each transition in the same transaction. */
@Injectable()
export class RunWriter {
  constructor(
    private readonly db: Database,
    private readonly store: RunsStore,
    private readonly audit: AuditLog,
    private readonly feed: RunFeed,
    private readonly retries: AutomaticRetries,
  ) {}

  /** Does `work` in one transaction, again from the start when a row has changed under it, and tells the feed afterwards. */
  async write<T>(by: PrincipalId, work: (runs: RunsInWork) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        const { value, changed, afterwards } = await this.db.write((trx) => this.#doWork(trx, by, work));
        for (const done of afterwards) done();
        this.tell(changed);
        return value;
      } catch (error) {
        if (!(error instanceof RunChangedError) || tries >= MOST_TRIES) throw error;
      }
    }
  }

  /** Tells the feed of runs that were saved within a transaction of somebody else, after its commit. */
  tell(changed: readonly Progress[]): void {
    for (const { run, moves } of changed) this.feed.tell(run, moves);
  }

  /** Saves a run inside a transaction that somebody else has opened. @returns the run as it was written */
  async saveWithin(trx: Writer, by: PrincipalId, before: Run, { run, moves }: Progress): Promise<Progress> {
    const written = { ...run, rev: before.rev + 1 };
    await this.store.update(trx, before, written);
    await this.audit.append(trx, entriesOf(run.id, moves, by));
    return { run: written, moves };
  }

  async #doWork<T>(trx: Writer, by: PrincipalId, work: (runs: RunsInWork) => Promise<T>) {
    const inWork = new RunsInWork(trx, this.store);
    const value = await work(inWork);
    const changed: Progress[] = [];
    const entries: AuditEntry[] = [];
    for (const { run, moves } of inWork.inserted) {
      await this.store.insert(trx, run);
      failpoint('store.run-before-commit');
      entries.push(acceptedEntry(run, by), ...entriesOf(run.id, moves, by));
      changed.push({ run, moves });
    }
    for (const run of inWork.adopted) entries.push(adoptedEntry(run, by));
    for (const { before, run, moves } of inWork.changes) {
      const next = moves.length > 0 ? await this.retries.findNext(trx, run) : undefined;
      const written = { ...run, rev: before.rev + 1, ...(next && { retriedBy: next.id }) };
      await this.store.update(trx, before, written);
      entries.push(...entriesOf(run.id, moves, by));
      changed.push({ run: written, moves });
      if (!next) continue;
      await this.store.insert(trx, next);
      entries.push(acceptedEntry(next, SYSTEM_PRINCIPAL));
      changed.push(unmoved(next));
    }
    entries.push(...inWork.decisions);
    await this.audit.append(trx, entries);
    return { value, changed, afterwards: inWork.afterwards };
  }
}

const acceptedEntry = (run: Run, by: PrincipalId): AuditEntry => ({
  principal: by,
  action: 'run.accepted',
  subjectKind: 'run',
  subject: run.id,
  detail: {
    agent: run.agentName,
    script: run.script,
    origin: run.origin,
    ...(run.retryOf === null ? {} : { retryOf: run.retryOf }),
    ...(run.attempt > 1 ? { attempt: run.attempt } : {}),
  },
});

const adoptedEntry = (run: Run, by: PrincipalId): AuditEntry => ({
  principal: by,
  action: 'run.adopted',
  subjectKind: 'run',
  subject: run.id,
  detail: { agent: run.agentName, journalId: run.journalId },
});

const entriesOf = (id: RunId, moves: readonly Move[], by: PrincipalId): readonly AuditEntry[] =>
  moves.map((move) => ({
    principal: by,
    action: 'run.transition',
    subjectKind: 'run',
    subject: id,
    detail: { ...move, cause: causeOf(move) },
  }));

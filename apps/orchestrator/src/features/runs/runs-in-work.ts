import type { RunCause, RunId } from '@scriptmesh/contracts';
import type { Writer } from '@scriptmesh/database';
import type { AuditEntry } from '../audit/index.js';
import { withCause, type Move, type Progress } from './domain/run-progress.js';
import type { Run } from './domain/run.js';
import type { RunsStore } from './runs.store.js';

interface Worked {
  readonly before: Run;
  readonly run: Run;
  readonly moves: readonly Move[];
}

/** The runs that one transaction has read, and what it makes of them. */
export class RunsInWork {
  readonly inserted: Progress[] = [];
  /** What somebody has decided about runs, for the audit; their arrows are written there anyway. */
  readonly decisions: AuditEntry[] = [];
  /** Runs that were written on the word of their agent. */
  readonly adopted: Run[] = [];
  /** What is to be done once the transaction is committed; not when it has to be done again. */
  readonly afterwards: (() => void)[] = [];
  readonly #worked = new Map<RunId, Worked>();

  constructor(
    readonly trx: Writer,
    private readonly store: RunsStore,
  ) {}

  /** Reads the rows in one query; ids without a row are left out. */
  async read(ids: readonly RunId[]): Promise<void> {
    if (ids.length === 0) return;
    for (const run of await this.store.findForChange(this.trx, [...new Set(ids)])) {
      this.#worked.set(run.id, { before: run, run, moves: [] });
    }
  }

  /** The run as this transaction has made it so far. */
  find(id: RunId): Run | undefined {
    return this.#worked.get(id)?.run;
  }

  /**
   * @param progress made from what `find` gave; its moves are added to those before
   * @param cause of the moves, for the audit; left out where the arrows themselves tell it
   */
  apply({ run, moves }: Progress, cause?: RunCause): void {
    const worked = this.#worked.get(run.id);
    if (!worked) throw new Error(`run ${run.id} was not read in this transaction`);
    const caused = cause === undefined ? moves : withCause(moves, cause);
    this.#worked.set(run.id, { before: worked.before, run, moves: [...worked.moves, ...caused] });
  }

  /** A run that is written for the first time, with what happened to it before it was written. */
  insert(progress: Progress): void {
    this.inserted.push(progress);
  }

  /** Writes a run that the store does not have, so that what follows in this transaction can change it. */
  async adopt(run: Run): Promise<void> {
    await this.store.insert(this.trx, run);
    this.adopted.push(run);
    this.#worked.set(run.id, { before: run, run, moves: [] });
  }

  get changes(): readonly Worked[] {
    return [...this.#worked.values()].filter(({ before, run }) => run !== before);
  }
}

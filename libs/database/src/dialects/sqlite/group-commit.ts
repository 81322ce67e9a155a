import { MeshError } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import type { Writer } from '../../database.js';
import type { SqliteConnection } from './sqlite-connection.js';
import { writerOn } from './sqlite-kysely.js';

const MAX_BATCH = 256;
/** Of the event loop, for one batch to gather. */
const MOST_TURNS = 4;
const BUMP = `update meta set value = value + 1 where key = 'store_seq' returning value`;

interface Waiting {
  /** Runs the work; the answer says how to tell its caller once the commit is durable. */
  run(trx: Writer): Promise<() => void>;
  reject(error: unknown): void;
}

type RunOne = (work: Waiting, trx: Writer) => Promise<(() => void) | undefined>;

/** The batch broke as a whole; `cause` says why. */
class BatchFailed extends Error {}

/** A work failed in a batch that has no savepoints. */
class WorkFailed extends Error {}

/**
 * Joins waiting works into one transaction, since a commit costs an fsync however much it holds. Works hardly ever
 * fail, so a batch is done without savepoints first; when one fails, all is undone and done again with a savepoint
 * for each, so that the one that fails is undone alone. (A work may be called again: see Database.)
 */
export class GroupCommit {
  readonly #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;

  constructor(
    private readonly connection: SqliteConnection,
    /** Throws when what would be committed would not be found again. */
    private readonly checkFiles: () => void,
    private readonly onCommit: (storeSeq: number) => void,
  ) {}

  add<T>(work: (trx: Writer) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async (trx: Writer) => {
        const value = await work(trx);
        return () => resolve(value);
      };
      this.#waiting.push({ run, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    while (this.#flushing) await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather();
      const batch = this.#waiting.splice(0, MAX_BATCH);
      const isDone = await this.#commitBatch(batch, (work, trx) => this.#runBare(work, trx));
      if (!isDone) await this.#commitBatch(batch, (work, trx) => this.#runAlone(work, trx));
    }
    this.#flushing = undefined;
  }

  /**
   * Requests that arrived together are read in one turn of the event loop; by its end all of their works wait. As long
   * as each further turn brings more of them, a fuller batch is worth more than the turn.
   */
  async #gather(): Promise<void> {
    let before = 1;
    await nextTurn();
    for (let turns = 1; this.#waiting.length > before && turns < MOST_TURNS; turns += 1) {
      before = this.#waiting.length;
      await nextTurn();
    }
  }

  /** @returns false when one work has failed and nothing was done: the others have to be done again */
  async #commitBatch(batch: readonly Waiting[], runOne: RunOne): Promise<boolean> {
    const done: (() => void)[] = [];
    try {
      const storeSeq = await this.#inTransaction(async (trx) => {
        for (const work of batch) {
          const tell = await runOne(work, trx);
          if (tell) done.push(tell);
        }
      });
      this.onCommit(storeSeq);
    } catch (error) {
      if (error instanceof WorkFailed) return false;
      const reason = error instanceof BatchFailed ? error.cause : error;
      // Those that failed by themselves were told already; rejecting a promise twice does nothing.
      for (const work of batch) work.reject(asStoreError(reason));
      return true;
    }
    for (const tell of done) tell();
    return true;
  }

  /**
   * Takes the write lock at once, so that a busy file is noticed before any work was done. A transaction that SQLite has
   * undone by itself (disk full) is not rolled back a second time, which would hide the cause.
   * @returns the count of commits with this one
   */
  async #inTransaction(work: (trx: Writer) => Promise<void>): Promise<number> {
    this.connection.exec('begin immediate');
    const { trx, end } = writerOn(this.connection);
    try {
      await work(trx);
      const storeSeq = this.#bumpStoreSeq();
      this.checkFiles();
      failpoint('store.before-commit');
      this.connection.exec('commit');
      failpoint('store.committed');
      return storeSeq;
    } catch (error) {
      if (this.connection.inTransaction) this.connection.exec('rollback');
      throw error;
    } finally {
      end();
    }
  }

  async #runBare(work: Waiting, trx: Writer): Promise<() => void> {
    this.connection.failure = undefined;
    try {
      const tell = await work.run(trx);
      if (this.connection.failure) throw this.connection.failure;
      return tell;
    } catch (error) {
      // Some faults (disk full, I/O) make SQLite undo the whole transaction, and would do so again.
      if (!this.connection.inTransaction) throw new BatchFailed('transaction lost', { cause: error });
      throw new WorkFailed('to be done again', { cause: error });
    }
  }

  /** @returns how to tell the caller, or undefined when the work failed and its caller was told */
  async #runAlone(work: Waiting, trx: Writer): Promise<(() => void) | undefined> {
    this.connection.exec('savepoint work');
    this.connection.failure = undefined;
    try {
      const tell = await work.run(trx);
      if (this.connection.failure) throw this.connection.failure;
      this.connection.exec('release work');
      return tell;
    } catch (error) {
      work.reject(error);
      // Some faults (disk full, I/O) make SQLite undo the whole transaction: then all that was done is gone.
      if (!this.connection.inTransaction) throw new BatchFailed('transaction lost', { cause: error });
      this.connection.exec('rollback to work');
      this.connection.exec('release work');
      return undefined;
    }
  }

  #bumpStoreSeq(): number {
    const [row] = this.connection.prepare(BUMP).all([]) as { value: string }[];
    if (!row) throw new MeshError('store/unavailable', 'the row store_seq of the table meta is gone');
    return Number(row.value);
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const asStoreError = (reason: unknown): unknown =>
  reason instanceof MeshError && reason.code.startsWith('store/')
    ? reason
    : new MeshError('store/unavailable', 'the database could not commit', { cause: reason, retryAfterSeconds: 1 });

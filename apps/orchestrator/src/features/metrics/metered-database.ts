import { Database, type Reader, type Writer } from '@scriptmesh/database';
import { SHORT_SECONDS, type Counter, type Histogram, type Metrics } from '@scriptmesh/metrics';
import type { Clock } from '@scriptmesh/runtime';

/** The store with its commits timed: they are what every run waits for. */
export class MeteredDatabase extends Database {
  readonly #durations: Histogram;
  readonly #failures: Counter;

  constructor(
    private readonly db: Database,
    metrics: Metrics,
    private readonly clock: Clock,
  ) {
    super();
    this.#durations = metrics.histogram({
      name: 'scriptmesh_store_write_duration_seconds',
      help: 'Time from the wish to write to the durable commit, waiting for others included.',
      buckets: SHORT_SECONDS,
    });
    this.#failures = metrics.counter({
      name: 'scriptmesh_store_write_failures_total',
      help: 'Writes that were undone, those that gave way to another one and were done again included.',
    });
  }

  override get engine(): Database['engine'] {
    return this.db.engine;
  }
  override get read(): Reader {
    return this.db.read;
  }
  override get storeSeq(): number {
    return this.db.storeSeq;
  }
  override get openedSeq(): number | undefined {
    return this.db.openedSeq;
  }

  override async write<T>(work: (trx: Writer) => Promise<T>): Promise<T> {
    const begunMs = this.clock.monotonicMs();
    try {
      return await this.db.write(work);
    } catch (error) {
      this.#failures.add();
      throw error;
    } finally {
      this.#durations.observe((this.clock.monotonicMs() - begunMs) / 1000);
    }
  }

  override readStoreSeq(): Promise<number> {
    return this.db.readStoreSeq();
  }
  override raiseStoreSeq(atLeast: number): Promise<void> {
    return this.db.raiseStoreSeq(atLeast);
  }
  override close(): Promise<void> {
    return this.db.close();
  }
}

import { MeshError } from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Database, type Reader, type Writer } from '../../database.js';
import { migrate } from '../../migrations/migrate.js';
import type { Schema } from '../../schema.js';
import { mayBeTriedAgain, toStoreError } from './postgres-errors.js';
import { GuardedPool } from './postgres-pool.js';
import { postgresSchema } from './postgres-schema.js';

const MAX_ATTEMPTS = 5;

/**
 * PostgreSQL for any number of orchestrators. One transaction per work: the server joins commits that wait for the
 * disk by itself. Reads have connections of their own, so that many writers cannot hold them up.
 */
export class PostgresStore extends Database {
  override readonly engine = 'postgres';
  readonly #works = new Set<Promise<unknown>>();
  #storeSeq = 0;
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly writer: Kysely<Schema>,
    override readonly read: Reader,
  ) {
    super();
  }

  /** @throws MeshError store/newer-schema or store/unavailable */
  static async open(url: string, nowMs: number, logger?: Logger): Promise<PostgresStore> {
    const onConnectionLost = (error: Error) => logger?.warn('store.connection-lost', { error });
    const writer = kyselyOn(new GuardedPool({ url, onConnectionLost, settings: ['synchronous_commit = on'] }));
    const reader = kyselyOn(
      new GuardedPool({ url, onConnectionLost, settings: ['default_transaction_read_only = on'] }),
    );
    try {
      await migrate(writer as unknown as Kysely<unknown>, postgresSchema, nowMs);
      const store = new PostgresStore(writer, reader);
      await store.#loadStoreSeq();
      return store;
    } catch (error) {
      await Promise.all([writer.destroy(), reader.destroy()]);
      throw error;
    }
  }

  override readonly openedSeq = undefined;

  override get storeSeq(): number {
    return this.#storeSeq;
  }

  override async readStoreSeq(): Promise<number> {
    await this.#loadStoreSeq();
    return this.#storeSeq;
  }

  override async raiseStoreSeq(atLeast: number): Promise<void> {
    await this.write((trx) =>
      sql`select setval('store_seq', greatest(last_value, cast(${atLeast} as bigint))) from store_seq`.execute(trx),
    );
  }

  override async write<T>(work: (trx: Writer) => Promise<T>): Promise<T> {
    if (this.#closing) throw new MeshError('store/unavailable', 'the database is being closed');
    const done = this.#commit(work);
    this.#works.add(done);
    try {
      return await done;
    } finally {
      this.#works.delete(done);
    }
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#works);
    await Promise.all([this.writer.destroy(), this.read.destroy()]);
  }

  async #commit<T>(work: (trx: Writer) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#commitOnce(work);
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !mayBeTriedAgain(error)) throw toStoreError(error);
      }
    }
  }

  async #commitOnce<T>(work: (trx: Writer) => Promise<T>): Promise<T> {
    let storeSeq = 0;
    const value = await this.writer.transaction().execute(async (trx) => {
      const result = await work(trx);
      // Also finds out a work that caught the error of a statement: PostgreSQL would answer COMMIT with a silent ROLLBACK.
      storeSeq = await nextStoreSeq(trx);
      return result;
    });
    this.#storeSeq = Math.max(this.#storeSeq, storeSeq);
    return value;
  }

  async #loadStoreSeq(): Promise<void> {
    const found = await sql<{ seq: number }>`
      select case when is_called then last_value else 0 end as seq from store_seq`.execute(this.read);
    this.#storeSeq = Math.max(this.#storeSeq, found.rows[0]?.seq ?? 0);
  }
}

async function nextStoreSeq(trx: Writer): Promise<number> {
  const found = await sql<{ seq: number }>`select nextval('store_seq') as seq`.execute(trx);
  return found.rows[0]?.seq ?? 0;
}

export const kyselyOn = (pool: GuardedPool): Kysely<Schema> =>
  new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });

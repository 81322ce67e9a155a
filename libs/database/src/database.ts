import type { Kysely, Transaction } from 'kysely';
import type { Schema } from './schema.js';

export type Reader = Kysely<Schema>;
export type Writer = Transaction<Schema>;

/**
 * The orchestrator's store. Reads see only what is committed.
 * `write` joins works that are waiting into one commit (a group commit); each work is all or nothing by itself and
 * the promise resolves when it is durable. Works run one after another on SQLite, so a work must not wait for
 * anything but its own queries. A work may be called again (after a deadlock on PostgreSQL, beside one
 * that failed on SQLite), so it must change nothing but the database. A work whose statement failed is undone even when it caught the error: PostgreSQL can do no other.
 * Values are null, strings without NUL, integers up to 2^53 and bytes; a string with NUL is refused with
 * MeshError request/malformed (JSON text holds it as an escape and may pass).
 */
export abstract class Database {
  abstract readonly engine: 'sqlite' | 'postgres';
  /** Refuses to write. */
  abstract readonly read: Reader;
  /**
   * @throws whatever `work` throws, after its changes were undone; MeshError store/unavailable or store/full.
   * After store/unavailable the commit may still have happened, if the connection to PostgreSQL broke during it.
   */
  abstract write<T>(work: (trx: Writer) => Promise<T>): Promise<T>;
  /** Commits so far, counted in the database itself; frames tell it to the agents. Grows, may skip numbers. */
  abstract get storeSeq(): number;
  /**
   * The count that was found at opening: whoever told a higher one before told it of a store that is not this one.
   * Undefined where other programs write, too, and so may have told what this one does not know.
   */
  abstract readonly openedSeq: number | undefined;
  /** The count as the store has it right now, with the commits of other programs. */
  abstract readStoreSeq(): Promise<number>;
  /** Makes the count at least so high, durably. */
  abstract raiseStoreSeq(atLeast: number): Promise<void>;
  /** Takes no new work, finishes what waits, then lets go of the database. May be called twice. */
  abstract close(): Promise<void>;
}

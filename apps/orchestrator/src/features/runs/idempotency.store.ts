import type { PrincipalId, RunId } from '@scriptmesh/contracts';
import type { Writer } from '@scriptmesh/database';

/**
 * How long a key is remembered; after that the same request makes a new run. More than the 24 hours that are promised, so
 * that a clock which is a day off, or was, does not forget one early (I15).
 */
export const KEY_KEPT_MS = 72 * 3600 * 1000;

/** A request that has made a run. */
export interface KnownRequest {
  readonly requestSha: string;
  readonly runId: RunId;
}

export interface KeyClaim extends KnownRequest {
  readonly principal: PrincipalId;
  readonly key: string;
  readonly atMs: number;
}

/** The idempotency keys of the last three days. Two principals never meet, whatever keys they send. */
export abstract class IdempotencyStore {
  /** What the key has made; undefined when it is new or too old. */
  abstract find(principal: PrincipalId, key: string, nowMs: number): Promise<KnownRequest | undefined>;
  /**
   * Takes the key for a run that is written in the same transaction. Of several at once one wins, by the unique key of
   * the table; the others wait for its commit.
   * @returns what the key has made already: then nothing was written; undefined when it was taken
   */
  abstract claim(trx: Writer, claim: KeyClaim): Promise<KnownRequest | undefined>;
  /** Forgets keys that are too old, so many at most. @returns how many they were */
  abstract prune(nowMs: number, limit: number): Promise<number>;
}

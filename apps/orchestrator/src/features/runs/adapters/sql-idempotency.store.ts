import { Injectable } from '@nestjs/common';
import type { PrincipalId, RunId } from '@scriptmesh/contracts';
import { Database, type Reader, type Writer } from '@scriptmesh/database';
import { IdempotencyStore, KEY_KEPT_MS, type KeyClaim, type KnownRequest } from '../idempotency.store.js';

@Injectable()
export class SqlIdempotencyStore extends IdempotencyStore {
  constructor(private readonly db: Database) {
    super();
  }

  override find(principal: PrincipalId, key: string, nowMs: number): Promise<KnownRequest | undefined> {
    return find(this.db.read, principal, key, nowMs);
  }

  override async claim(trx: Writer, claim: KeyClaim): Promise<KnownRequest | undefined> {
    const { principal, key, atMs } = claim;
    const values = { request_sha: claim.requestSha, run_id: claim.runId, created_at: atMs };
    const written = await trx
      .insertInto('idempotency_keys')
      .values({ principal, key, ...values })
      .onConflict((conflict) =>
        conflict
          .columns(['principal', 'key'])
          .doUpdateSet(values)
          // One that is too old only waits for its sweep.
          .where('idempotency_keys.created_at', '<=', atMs - KEY_KEPT_MS),
      )
      .executeTakeFirst();
    return written.numInsertedOrUpdatedRows === 1n ? undefined : find(trx, principal, key, atMs);
  }

  override async prune(nowMs: number, limit: number): Promise<number> {
    const deleted = await this.db.write((trx) =>
      trx
        .deleteFrom('idempotency_keys')
        .where(({ eb, refTuple, selectFrom }) =>
          eb(
            refTuple('principal', 'key'),
            'in',
            selectFrom('idempotency_keys as old')
              .select(['old.principal', 'old.key'])
              .where('old.created_at', '<=', nowMs - KEY_KEPT_MS)
              .orderBy('old.created_at')
              .limit(limit)
              .$asTuple('principal', 'key'),
          ),
        )
        .executeTakeFirst(),
    );
    return Number(deleted.numDeletedRows);
  }
}

async function find(
  db: Reader | Writer,
  principal: PrincipalId,
  key: string,
  nowMs: number,
): Promise<KnownRequest | undefined> {
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['request_sha', 'run_id'])
    .where('principal', '=', principal)
    .where('key', '=', key)
    .where('created_at', '>', nowMs - KEY_KEPT_MS)
    .executeTakeFirst();
  return row && { requestSha: row.request_sha, runId: row.run_id as RunId };
}

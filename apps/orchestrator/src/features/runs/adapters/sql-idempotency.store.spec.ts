import type { PrincipalId, RunId } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { describeOnEveryDatabase } from '@scriptmesh/testing';
import { beforeEach, expect, it } from 'vitest';
import { KEY_KEPT_MS, type KeyClaim } from '../idempotency.store.js';
import { SqlIdempotencyStore } from './sql-idempotency.store.js';

const ANNA = 'operator:anna' as PrincipalId;
const BEN = 'operator:ben' as PrincipalId;
const NOW_MS = 1_800_000_000_000;
const runId = (n: number): RunId => `019b7600-0000-7000-8000-${String(n).padStart(12, '0')}` as RunId;

describeOnEveryDatabase('the store of idempotency keys', (openDb) => {
  let db: Database;
  let store: SqlIdempotencyStore;

  beforeEach(async () => {
    db = await openDb();
    store = new SqlIdempotencyStore(db);
  });

  const claim = (overrides: Partial<KeyClaim> = {}) =>
    db.write((trx) =>
      store.claim(trx, { principal: ANNA, key: 'k', requestSha: 'a', runId: runId(1), atMs: NOW_MS, ...overrides }),
    );

  it('takes a new key and tells of it ever after', async () => {
    expect(await store.find(ANNA, 'k', NOW_MS)).toBeUndefined();
    expect(await claim()).toBeUndefined();
    const known = { requestSha: 'a', runId: runId(1) };
    expect(await store.find(ANNA, 'k', NOW_MS)).toEqual(known);
    expect(await claim({ requestSha: 'b', runId: runId(2) })).toEqual(known);
    expect(await store.find(ANNA, 'k', NOW_MS)).toEqual(known);
  });

  it('lets one of fifty at once win, and tells the others of the winner', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => claim({ runId: runId(n) })));
    const winner = await store.find(ANNA, 'k', NOW_MS);
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect(answers.filter((answer) => answer?.runId === winner?.runId)).toHaveLength(49);
  });

  it('keeps principals apart, and keys that differ in case or in a space at the end', async () => {
    const others = [{ principal: BEN }, { key: 'K' }, { key: 'k ' }];
    expect(await claim()).toBeUndefined();
    for (const [n, other] of others.entries()) expect(await claim({ ...other, runId: runId(n + 2) })).toBeUndefined();
    expect(await store.find(BEN, 'k', NOW_MS)).toEqual({ requestSha: 'a', runId: runId(2) });
  });

  it('takes nothing when the transaction that wanted it fails', async () => {
    const failing = db.write(async (trx) => {
      await store.claim(trx, { principal: ANNA, key: 'k', requestSha: 'a', runId: runId(1), atMs: NOW_MS });
      throw new Error('no run');
    });
    await expect(failing).rejects.toThrow('no run');
    expect(await store.find(ANNA, 'k', NOW_MS)).toBeUndefined();
  });

  it('forgets a key after three days to the millisecond, swept or not', async () => {
    await claim();
    const lastMs = NOW_MS + KEY_KEPT_MS - 1;
    expect(await store.find(ANNA, 'k', lastMs)).toBeDefined();
    expect(await claim({ runId: runId(2), atMs: lastMs })).toEqual({ requestSha: 'a', runId: runId(1) });
    expect(await store.find(ANNA, 'k', lastMs + 1)).toBeUndefined();
    expect(await claim({ requestSha: 'b', runId: runId(2), atMs: lastMs + 1 })).toBeUndefined();
    expect(await store.find(ANNA, 'k', lastMs + 1)).toEqual({ requestSha: 'b', runId: runId(2) });
  });

  it('prunes what is too old, the oldest first, and no more at a time than it is told', async () => {
    for (const n of [1, 2, 3, 4]) await claim({ key: `k${n}`, runId: runId(n), atMs: NOW_MS + n });
    const thirdIsOldMs = NOW_MS + 3 + KEY_KEPT_MS;
    expect(await store.prune(thirdIsOldMs, 2)).toBe(2);
    expect(await keys()).toEqual(['k3', 'k4']);
    expect(await store.prune(thirdIsOldMs, 2)).toBe(1);
    expect(await store.prune(thirdIsOldMs, 2)).toBe(0);
    expect(await keys()).toEqual(['k4']);
  });

  const keys = async (): Promise<string[]> =>
    (await db.read.selectFrom('idempotency_keys').select('key').orderBy('key').execute()).map(({ key }) => key);
});

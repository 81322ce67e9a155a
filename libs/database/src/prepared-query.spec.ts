import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { openDatabase } from './open-database.js';
import { PreparedFamily, PreparedQuery } from './prepared-query.js';

let folder: string;
let db: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scriptmesh-prepared-'));
  db = await openDatabase({ url: null, file: join(folder, 'scriptmesh.sqlite') });
});
afterEach(async () => {
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

let built = 0;
const LIKE = new PreparedQuery((at, { pattern, least }: { pattern: string; least: string }) => {
  built += 1;
  return at
    .selectFrom('meta')
    .select(['key', 'value'])
    .where('key', 'like', pattern)
    .where('value', '>=', least)
    .orderBy('key');
});
const INSERT = new PreparedFamily((count: number, at, values: Readonly<Record<string, string>>) =>
  at
    .insertInto('meta')
    .values(Array.from({ length: count }, (_, n) => ({ key: values[`k${n}`] ?? '', value: values[`v${n}`] ?? '' }))),
);

describe('a prepared query', () => {
  it('is built once, and takes other values each time', async () => {
    await db.write((trx) => INSERT.of('2', 2).run(trx, { k0: 'p1', v0: 'a', k1: 'p2', v1: 'b' }));
    built = 0;

    expect(await LIKE.all(db.read, { pattern: 'p%', least: 'a' })).toEqual([
      { key: 'p1', value: 'a' },
      { key: 'p2', value: 'b' },
    ]);
    expect(await LIKE.all(db.read, { pattern: 'p%', least: 'b' })).toEqual([{ key: 'p2', value: 'b' }]);
    expect(built).toBe(1);
  });

  it('gives the first row or undefined, and lets go of the rest, so that the next read sees what is new', async () => {
    expect(await LIKE.first(db.read, { pattern: 'q%', least: '' })).toBeUndefined();
    await db.write((trx) => INSERT.of('2', 2).run(trx, { k0: 'q1', v0: 'x', k1: 'q2', v1: 'x' }));

    expect(await LIKE.first(db.read, { pattern: 'q%', least: '' })).toEqual({ key: 'q1', value: 'x' });
    await db.write((trx) => trx.updateTable('meta').set({ value: 'y' }).where('key', '=', 'q1').execute());
    expect(await LIKE.first(db.read, { pattern: 'q%', least: '' })).toEqual({ key: 'q1', value: 'y' });
  });

  it('tells how many rows it wrote, and is undone with its work', async () => {
    const counted = await db.write((trx) => INSERT.of('1', 1).run(trx, { k0: 'r1', v0: 'x' }));
    const failed = db.write(async (trx) => {
      await INSERT.of('1', 1).run(trx, { k0: 'r2', v0: 'x' });
      await INSERT.of('1', 1).run(trx, { k0: 'r1', v0: 'x' });
    });

    expect(counted).toBe(1);
    await expect(failed).rejects.toThrow(/unique/i);
    expect(await LIKE.all(db.read, { pattern: 'r%', least: '' })).toEqual([{ key: 'r1', value: 'x' }]);
  });

  it('refuses values that no column can hold', async () => {
    await expect(LIKE.all(db.read, { pattern: 'a\0b', least: '' })).rejects.toMatchObject({
      code: 'request/malformed',
    });
  });

  it('is refused once its transaction is over', async () => {
    const leaked = await db.write((trx) => Promise.resolve({ trx }));

    await expect(INSERT.of('1', 1).run(leaked.trx, { k0: 's', v0: 'x' })).rejects.toThrow('after the end');
  });
});

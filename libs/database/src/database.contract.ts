import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { isLiveRun } from './live-runs.js';
import { agentRow, runRow } from './test-support/rows.js';
import { isUniqueViolation } from './unique-violation.js';

/** What every store promises, whatever its engine. `open` gives an empty, migrated store. */
export function databaseContract(open: () => Promise<Database>): void {
  let db: Database;
  beforeAll(async () => {
    db = await open();
  });

  describe('writing', () => {
    it('shows to reads what a write resolved for, and answers with what the work returned', async () => {
      const answer = await db.write(async (trx) => {
        await trx.insertInto('meta').values({ key: 'written', value: 'yes' }).execute();
        return 42;
      });

      expect(answer).toBe(42);
      expect(await metaValue(db, 'written')).toBe('yes');
    });

    it('hides from reads what is not committed yet, while the work itself sees it', async () => {
      const seen = await db.write(async (trx) => {
        await trx.insertInto('meta').values({ key: 'hidden', value: 'x' }).execute();
        const outside = await metaValue(db, 'hidden');
        const inside = await trx.selectFrom('meta').select('value').where('key', '=', 'hidden').executeTakeFirst();
        return { outside, inside: inside?.value };
      });

      expect(seen).toEqual({ outside: undefined, inside: 'x' });
    });

    it('undoes one failed work among many and rejects only its promise', async () => {
      const works = Array.from({ length: 20 }, (_, n) =>
        db.write(async (trx) => {
          await trx
            .insertInto('meta')
            .values({ key: `many-${n}`, value: 'x' })
            .execute();
          if (n === 7) throw new Error('the seventh fails');
          return n;
        }),
      );

      const outcomes = await Promise.allSettled(works);

      expect(outcomes.flatMap((outcome, n) => (outcome.status === 'rejected' ? [n] : []))).toEqual([7]);
      expect(outcomes[7]).toMatchObject({ reason: new Error('the seventh fails') });
      expect(await countMeta(db, 'many-%')).toBe(19);
    });

    it('undoes a work that caught the error of its statement, since PostgreSQL can do no other', async () => {
      const work = db.write(async (trx) => {
        await trx.insertInto('meta').values({ key: 'swallowed', value: 'x' }).execute();
        await trx
          .insertInto('meta')
          .values({ key: 'swallowed', value: 'y' })
          .execute()
          .catch(() => undefined);
      });

      await expect(work).rejects.toThrow(/unique|aborted/i);
      expect(await metaValue(db, 'swallowed')).toBeUndefined();
    });

    it('takes a thousand writes at once', async () => {
      await Promise.all(
        Array.from({ length: 1000 }, (_, n) =>
          db.write((trx) =>
            trx
              .insertInto('runs')
              .values(runRow(`thousand-${n}`))
              .execute(),
          ),
        ),
      );

      expect(await countRuns(db, 'thousand-%')).toBe(1000);
    });

    it('lets exactly one of many compare-and-sets win', async () => {
      await db.write((trx) => trx.insertInto('runs').values(runRow('contested')).execute());

      const wins = await Promise.all(
        Array.from({ length: 30 }, () =>
          db.write(async (trx) => {
            const { numUpdatedRows } = await trx
              .updateTable('runs')
              .set({ state: 'dispatched', rev: 1 })
              .where('id', '=', 'contested')
              .where('state', '=', 'queued')
              .where('rev', '=', 0)
              .executeTakeFirstOrThrow();
            return Number(numUpdatedRows);
          }),
        ),
      );

      expect(wins.reduce((sum, won) => sum + won, 0)).toBe(1);
    });

    it('refuses to write through the reader', async () => {
      await expect(db.read.insertInto('meta').values({ key: 'sneaked', value: 'x' }).execute()).rejects.toMatchObject({
        code: 'store/unavailable',
      });
      expect(await metaValue(db, 'sneaked')).toBeUndefined();
    });
  });

  describe('storeSeq', () => {
    it('grows with every commit', async () => {
      const before = db.storeSeq;
      await db.write((trx) => trx.insertInto('meta').values({ key: 'seq-1', value: 'x' }).execute());
      const between = db.storeSeq;
      await db.write((trx) => trx.insertInto('meta').values({ key: 'seq-2', value: 'x' }).execute());

      expect(between).toBeGreaterThan(before);
      expect(db.storeSeq).toBeGreaterThan(between);
      // Only a store with one writer knows what was told before it was opened.
      if (db.engine === 'sqlite') expect(db.openedSeq).toBeLessThanOrEqual(before);
      else expect(db.openedSeq).toBeUndefined();
    });

    it('has grown by the time the write resolves', async () => {
      const before = db.storeSeq;
      const seen = await Promise.all(
        Array.from({ length: 5 }, async (_, n) => {
          await db.write((trx) =>
            trx
              .insertInto('meta')
              .values({ key: `grown-${n}`, value: 'x' })
              .execute(),
          );
          return db.storeSeq;
        }),
      );

      expect(Math.min(...seen)).toBeGreaterThan(before);
    });
  });

  describe('values', () => {
    it.each([
      ['unicode', 'žluťoučký 🐎 \u{10FFFF} ‮abc'],
      ['SQL', `'; drop table runs; -- " \` $1 ? :a`],
      ['wildcards', '100% _under_ \\back'],
      ['JSON with a NUL inside', JSON.stringify({ text: 'a\0b', deep: [[{}]], lone: '\ud800' })],
      ['control characters', '\u0001\t\r\n\u007f'],
      ['nothing', ''],
      ['much', 'x'.repeat(1_000_000)],
    ])('keeps text as it is: %s', async (kind, text) => {
      await db.write((trx) =>
        trx
          .insertInto('meta')
          .values({ key: `text ${kind}`, value: text })
          .execute(),
      );

      expect(await metaValue(db, `text ${kind}`)).toBe(text);
    });

    it('refuses NUL in text by name, in writes and in reads, and stores nothing', async () => {
      const write = db.write((trx) => trx.insertInto('meta').values({ key: 'nul', value: 'a\0b' }).execute());

      await expect(write).rejects.toMatchObject({ code: 'request/malformed' });
      await expect(metaValue(db, 'a\0b')).rejects.toMatchObject({ code: 'request/malformed' });
      expect(await metaValue(db, 'nul')).toBeUndefined();
    });

    it.each([
      ['a boolean', true],
      ['undefined', undefined],
      ['a fraction', 1.5],
      ['not a number', Number.NaN],
      ['an integer beyond 2^53', 2 ** 60],
      ['an object', { a: 1 }],
    ])('refuses %s instead of storing something else', async (_kind, value) => {
      await expect(db.write((trx) => sql`select ${value}`.execute(trx))).rejects.toThrow(TypeError);
    });

    it.each([0, -1, 2 ** 31, Date.UTC(2026, 0, 1), Number.MAX_SAFE_INTEGER, 2 ** 53])(
      'keeps the integer %d',
      async (value) => {
        const id = `integer-${value}`;
        await db.write((trx) =>
          trx
            .insertInto('runs')
            .values({ ...runRow(id), deliver_by: value })
            .execute(),
        );

        const row = await db.read.selectFrom('runs').select('deliver_by').where('id', '=', id).executeTakeFirst();
        expect(row?.deliver_by).toBe(value);
      },
    );

    it('keeps bytes as they are, and gives them as Buffer', async () => {
      const all = Uint8Array.from({ length: 512 }, (_, n) => n % 256);
      const pieces = [all, all.subarray(3, 7), new Uint8Array(0), Buffer.from('é\0\xff')];
      await db.write(async (trx) => {
        await trx.insertInto('runs').values(runRow('bytes')).execute();
        const rows = pieces.map((bytes, n) => ({ run_id: 'bytes', stream: 'stdout', start_offset: n, bytes }));
        await trx.insertInto('run_output').values(rows).execute();
      });

      const kept = await db.read.selectFrom('run_output').select('bytes').orderBy('start_offset').execute();
      expect(kept.map(({ bytes }) => bytes)).toEqual(pieces.map((bytes) => Buffer.from(bytes)));
    });

    it('counts and sums as numbers', async () => {
      const row = await db.read
        .selectFrom('run_output')
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number>('start_offset').as('sum')])
        .executeTakeFirstOrThrow();

      expect(row).toEqual({ count: 4, sum: 6 });
    });

    it('orders text by its bytes and tells cases apart in "like"', async () => {
      const keys = ['order b', 'order B', 'order_a', 'order é', 'order a'];
      await db.write((trx) =>
        trx
          .insertInto('meta')
          .values(keys.map((key) => ({ key, value: 'order' })))
          .execute(),
      );

      const ordered = await db.read
        .selectFrom('meta')
        .select('key')
        .where('value', '=', 'order')
        .orderBy('key')
        .execute();
      expect(ordered.map(({ key }) => key)).toEqual(['order B', 'order a', 'order b', 'order é', 'order_a']);
      expect(await countMeta(db, 'ORDER%')).toBe(0);
    });
  });

  describe('rules of the schema', () => {
    it.each([
      ['name', { id: 'other-1', folded_name: 'other-1' }],
      ['folded name', { id: 'other-2', name: 'Other' }],
      ['id', { name: 'other-3', folded_name: 'other-3' }],
    ])('makes a second agent of the same %s recognisable as a unique violation', async (kind, change) => {
      const first = agentRow(`first by ${kind}`);
      await db.write((trx) => trx.insertInto('agents').values(first).execute());

      const error = await db
        .write((trx) =>
          trx
            .insertInto('agents')
            .values({ ...first, ...change })
            .execute(),
        )
        .catch((reason: unknown) => reason);

      expect(isUniqueViolation(error)).toBe(true);
    });

    it('lets one of many registrations of one name win', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) =>
          db.write((trx) =>
            trx
              .insertInto('agents')
              .values({ ...agentRow('raced'), id: `raced-${n}` })
              .execute(),
          ),
        ),
      );

      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(lost).toHaveLength(9);
      expect(lost.every(({ reason }) => isUniqueViolation(reason))).toBe(true);
    });

    it('does not call another failure a unique violation', async () => {
      const orphan = { run_id: 'nobody', stream: 'stdout', start_offset: 0, bytes: new Uint8Array(1) };
      const error = await db
        .write((trx) => trx.insertInto('run_output').values(orphan).execute())
        .catch((reason: unknown) => reason);

      expect(error).toBeInstanceOf(Error);
      expect(isUniqueViolation(error)).toBe(false);
    });

    it('takes a run away with its output', async () => {
      await db.write(async (trx) => {
        await trx
          .insertInto('runs')
          .values({ ...runRow('pruned'), state: 'expired' })
          .execute();
        const row = { run_id: 'pruned', stream: 'stdout', start_offset: 0, bytes: new Uint8Array(1) };
        await trx.insertInto('run_output').values(row).execute();
      });

      await db.write((trx) => trx.deleteFrom('runs').where('id', '=', 'pruned').execute());

      const left = await db.read.selectFrom('run_output').where('run_id', '=', 'pruned').selectAll().execute();
      expect(left).toEqual([]);
    });

    it('numbers audit rows upwards and refuses to change or delete them', async () => {
      const entry = { at: 1, principal: 'p', action: 'a', subject_kind: 'run', subject: 's', detail: '{}' };
      const insert = () =>
        db.write((trx) => trx.insertInto('audit').values(entry).returning('seq').executeTakeFirstOrThrow());
      const [first, second] = [await insert(), await insert()];

      expect(second.seq).toBeGreaterThan(first.seq);
      await expect(db.write((trx) => trx.updateTable('audit').set({ detail: 'x' }).execute())).rejects.toThrow(
        'append-only',
      );
      await expect(db.write((trx) => trx.deleteFrom('audit').execute())).rejects.toThrow('append-only');
      const rows = await db.read.selectFrom('audit').select('detail').execute();
      expect(rows).toEqual([{ detail: '{}' }, { detail: '{}' }]);
    });

    it.each([
      ['state', { state: 'running' }],
      ['executed', { executed: 'unknown' }],
      ['exit_code', { exit_code: 0 }],
    ])('refuses another %s for a run that has ended', async (column, change) => {
      const id = `ended-${column}`;
      await insertEnded(db, id);

      await expect(
        db.write((trx) => trx.updateTable('runs').set(change).where('id', '=', id).execute()),
      ).rejects.toThrow('a run that has ended does not change');
    });

    it('takes later evidence of a run that has ended', async () => {
      await insertEnded(db, 'ended-late');

      await db.write((trx) =>
        trx.updateTable('runs').set({ late_result: '{}', state: 'failed' }).where('id', '=', 'ended-late').execute(),
      );

      const row = await db.read
        .selectFrom('runs')
        .select('late_result')
        .where('id', '=', 'ended-late')
        .executeTakeFirst();
      expect(row?.late_result).toBe('{}');
    });

    it('finds live runs only', async () => {
      await db.write((trx) =>
        trx
          .insertInto('runs')
          .values(
            ['queued', 'running', 'lost'].map((state) => ({ ...runRow(`live-${state}`), state, agent_id: 'live' })),
          )
          .execute(),
      );

      const live = await db.read
        .selectFrom('runs')
        .select('id')
        .where('agent_id', '=', 'live')
        .where(isLiveRun)
        .orderBy('id')
        .execute();
      expect(live.map(({ id }) => id)).toEqual(['live-queued', 'live-running']);
    });
  });

  describe('closing', () => {
    it('finishes what waits, then takes nothing more, and may be called twice', async () => {
      const closed = await open();
      const waiting = Array.from({ length: 10 }, (_, n) =>
        closed.write((trx) =>
          trx
            .insertInto('meta')
            .values({ key: `last-${n}`, value: 'x' })
            .execute(),
        ),
      );

      await Promise.all([closed.close(), closed.close()]);

      await expect(Promise.all(waiting)).resolves.toHaveLength(10);
      await expect(closed.write(async () => 1)).rejects.toMatchObject({ code: 'store/unavailable' });
    });
  });
}

async function insertEnded(db: Database, id: string): Promise<void> {
  const ended = { ...runRow(id), state: 'failed', executed: 'yes', exit_code: 3 };
  await db.write((trx) => trx.insertInto('runs').values(ended).execute());
}

async function metaValue(db: Database, key: string): Promise<string | undefined> {
  const row = await db.read.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value;
}

async function countMeta(db: Database, pattern: string): Promise<number> {
  const query = db.read.selectFrom('meta').select(({ fn }) => fn.countAll<number>().as('count'));
  return (await query.where('key', 'like', pattern).executeTakeFirstOrThrow()).count;
}

async function countRuns(db: Database, pattern: string): Promise<number> {
  const query = db.read.selectFrom('runs').select(({ fn }) => fn.countAll<number>().as('count'));
  return (await query.where('id', 'like', pattern).executeTakeFirstOrThrow()).count;
}

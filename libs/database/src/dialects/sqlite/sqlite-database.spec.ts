import { readFileSync, readdirSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MeshError } from '@scriptmesh/contracts';
import { startSecondProcess } from '@scriptmesh/testing';
import Libsql from 'libsql';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../database.js';
import { isLiveRun } from '../../live-runs.js';
import { openDatabase } from '../../open-database.js';
import { runRow } from '../../test-support/rows.js';

let folder: string;
let file: string;
const opened: Database[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scriptmesh-sqlite-'));
  file = join(folder, 'scriptmesh.sqlite');
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(): Promise<Database> {
  const database = await openDatabase({ url: null, file });
  opened.push(database);
  return database;
}

const insertMeta = (database: Database, key: string, value = 'x') =>
  database.write((trx) => trx.insertInto('meta').values({ key, value }).execute());

const OPEN_ELSEWHERE = new URL('../../open-database.ts', import.meta.url).href;

describe('a file that is taken away while it is in use', () => {
  it.each(['', '-wal'])('acknowledges nothing until scriptmesh.sqlite%s is back', async (suffix) => {
    const database = await open();
    await insertMeta(database, 'before');
    renameSync(`${file}${suffix}`, `${file}.away`);
    const gone = { code: 'store/unavailable', hint: expect.stringContaining('/fd') };
    await expect(insertMeta(database, 'lost')).rejects.toMatchObject(gone);
    await expect(database.readStoreSeq()).rejects.toMatchObject(gone);
    writeFileSync(`${file}${suffix}`, '');
    await expect(insertMeta(database, 'lost')).rejects.toMatchObject(gone);
    renameSync(`${file}.away`, `${file}${suffix}`);
    await insertMeta(database, 'after');
    await database.close();
    const keys = await (await open()).read.selectFrom('meta').select('key').execute();
    expect(keys.map(({ key }) => key)).toEqual(expect.arrayContaining(['before', 'after']));
    expect(keys).not.toContainEqual({ key: 'lost' });
  });
});

describe('a second orchestrator on the same file', () => {
  it('is refused, and told of PostgreSQL', async () => {
    await open();

    await expect(open()).rejects.toMatchObject({ code: 'store/locked', hint: expect.stringContaining('PostgreSQL') });
  });

  it('may come when the first has closed', async () => {
    await (await open()).close();

    await expect(open()).resolves.toBeDefined();
  });

  it('is refused while another process lives, and comes in when that was killed, with all that was acknowledged', async () => {
    const other = await startSecondProcess(`
      import { openDatabase } from '${OPEN_ELSEWHERE}';
      const database = await openDatabase({ url: null, file: ${JSON.stringify(file)} });
      const writes = Array.from({ length: 100 }, (_, n) =>
        database.write((trx) => trx.insertInto('meta').values({ key: 'acked-' + n, value: 'x' }).execute()));
      await Promise.all(writes);
      setInterval(() => undefined, 1000);
      process.stdout.write('acknowledged ' + database.storeSeq);`);
    await expect(open()).rejects.toMatchObject({ code: 'store/locked' });

    await other.kill();

    const database = await open();
    const kept = await database.read.selectFrom('meta').where('key', 'like', 'acked-%').selectAll().execute();
    expect(kept).toHaveLength(100);
    expect(`acknowledged ${database.storeSeq}`).toBe(other.firstWords);
  }, 20_000);
});

describe('the file', () => {
  it('of a newer program is refused, and left to that program', async () => {
    const newer = await open();
    await newer.write((trx) => sql`insert into schema_migrations values (999, 'from the future', 0)`.execute(trx));
    await newer.close();
    const before = readFileSync(file);

    await expect(open()).rejects.toMatchObject({ code: 'store/newer-schema' });

    expect(readFileSync(file).equals(before)).toBe(true);
    await expect(open()).rejects.toMatchObject({ code: 'store/newer-schema' });
  });

  it('can be read by its owner only, with its side files', async () => {
    await insertMeta(await open(), 'a');

    const modes = readdirSync(folder).map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8));
    expect(modes.length).toBeGreaterThanOrEqual(3);
    expect(new Set(modes)).toEqual(new Set(['600']));
  });

  it('is written with a write-ahead log and an fsync for each commit', async () => {
    const database = await open();
    const settings = await database.write(async (trx) => [
      ...(await sql`pragma journal_mode`.execute(trx)).rows,
      ...(await sql`pragma synchronous`.execute(trx)).rows,
      ...(await sql`pragma foreign_keys`.execute(trx)).rows,
    ]);

    expect(settings).toEqual([{ journal_mode: 'wal' }, { synchronous: 2 }, { foreign_keys: 1 }]);
  });

  it('is refused with store/unavailable when it is no database, and stays as it was', async () => {
    const text = 'a letter, not a database. '.repeat(100);
    writeFileSync(file, text);

    await expect(open()).rejects.toMatchObject({ code: 'store/unavailable' });
    expect(statSync(file).size).toBe(text.length);
  });

  it('is refused with store/unavailable when it is a folder', async () => {
    await expect(openDatabase({ url: null, file: folder })).rejects.toMatchObject({ code: 'store/unavailable' });
  });

  it.runIf(process.platform === 'linux')(
    'is whole by itself after closing, and let go of as soon as memory is collected',
    async () => {
      const database = await open();
      await insertMeta(database, 'a');
      await database.read.selectFrom('meta').selectAll().execute();
      await database.close();

      expect(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
      // libsql cannot finalise a statement: it lives, and keeps the file open, until it is collected.
      setFlagsFromString('--expose-gc');
      await vi.waitFor(() => {
        (runInNewContext('gc') as () => void)();
        expect(openDescriptorsBelow(folder)).toEqual([]);
      });
    },
  );

  it('goes on counting commits where it stopped', async () => {
    const first = await open();
    await insertMeta(first, 'a');
    await insertMeta(first, 'b');
    await first.close();

    const second = await open();
    expect(first.storeSeq).toBe(2);
    expect(second.storeSeq).toBe(2);
  });
});

describe('group commit', () => {
  it('joins writes that wait into few commits', async () => {
    const database = await open();

    await Promise.all(Array.from({ length: 300 }, (_, n) => insertMeta(database, `joined-${n}`)));

    // 256 at most in one commit.
    expect(database.storeSeq).toBe(2);
  });

  it('answers store/full when the disk is full, keeps what was acknowledged, and recovers by itself', async () => {
    const database = await open();
    await insertMeta(database, 'before');
    const limit = (pages: number) => database.write((trx) => sql.raw(`pragma max_page_count = ${pages}`).execute(trx));
    await limit(60);
    const writes = await Promise.allSettled([
      insertMeta(database, 'small'),
      insertMeta(database, 'too big', 'x'.repeat(1_000_000)),
      insertMeta(database, 'small too'),
    ]);
    const kept = await database.read.selectFrom('meta').select('key').execute();

    expect(writes[1]).toMatchObject({ status: 'rejected', reason: { code: 'store/full' } });
    for (const [n, key] of [
      [0, 'small'],
      [2, 'small too'],
    ] as const) {
      expect(kept.some((row) => row.key === key)).toBe(writes[n]?.status === 'fulfilled');
    }
    await limit(1_000_000);
    await insertMeta(database, 'too big', 'x'.repeat(1_000_000));
  });

  it('rejects every work of a batch whose transaction was lost', async () => {
    const database = await open();
    const writes = await Promise.allSettled([
      insertMeta(database, 'first'),
      database.write(async (trx) => {
        // What SQLite does by itself when it can write no more.
        await sql`rollback`.execute(trx);
        throw new MeshError('store/full', 'full');
      }),
      insertMeta(database, 'third'),
    ]);

    expect(writes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(writes[0]).toMatchObject({ reason: { code: 'store/full' } });
    await insertMeta(database, 'first');
  });

  it('rejects every work of a batch whose commit failed, and takes new works', async () => {
    const database = await open();
    // A deferred foreign key is checked at the commit, so the works themselves succeed.
    await database.write((trx) =>
      sql`create table deferred (a text references meta (key) deferrable initially deferred)`.execute(trx),
    );
    const writes = await Promise.allSettled([
      insertMeta(database, 'innocent'),
      database.write((trx) => sql`insert into deferred values ('nobody')`.execute(trx)),
    ]);

    expect(writes).toMatchObject([
      { status: 'rejected', reason: { code: 'store/unavailable' } },
      { status: 'rejected', reason: { code: 'store/unavailable' } },
    ]);
    await insertMeta(database, 'innocent');
  });

  it('answers store/unavailable while another program holds the file', async () => {
    const database = await open();
    const other = new Libsql(file);
    other.exec('begin immediate');

    await expect(insertMeta(database, 'held up')).rejects.toMatchObject({ code: 'store/unavailable' });

    other.exec('rollback');
    other.close();
    await insertMeta(database, 'held up');
  });
});

describe('what SQLite alone would allow', () => {
  it('refuses "insert or replace" on the audit table', async () => {
    const database = await open();
    const values = sql`(1, 1, 'p', 'a', 'run', 's', '{}', null)`;
    await database.write((trx) => sql`insert into audit values ${values}`.execute(trx));

    const replace = database.write((trx) => sql`insert or replace into audit values ${values}`.execute(trx));
    await expect(replace).rejects.toThrow('append-only');
  });

  it('refuses a text in a column of integers', async () => {
    const database = await open();
    const row = { ...runRow('r'), rev: 'one' as unknown as number };

    await expect(database.write((trx) => trx.insertInto('runs').values(row).execute())).rejects.toThrow(/cannot store/);
  });
});

describe('the indices', () => {
  it.each([
    [
      'runs_live',
      (db: Database) => db.read.selectFrom('runs').selectAll().where(isLiveRun).where('agent_id', '=', 'a'),
    ],
    ['runs_by_agent', (db: Database) => byAgent(db).where('state', '=', 'running')],
    ['runs_newest_first', (db: Database) => newestFirst(db).limit(10)],
    ['agents_by_key_digest', (db: Database) => db.read.selectFrom('agents').selectAll().where('key_digest', '=', 'd')],
  ] as const)('%s serves its query', async (index, query) => {
    const database = await open();
    const { sql: text, parameters } = query(database).compile();
    const plan = new Libsql(file).prepare(`explain query plan ${text}`).all(...parameters);

    expect(JSON.stringify(plan)).toContain(index);
    expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE');
  });
});

const byAgent = (db: Database) => db.read.selectFrom('runs').selectAll().where('agent_id', '=', 'a');
const newestFirst = (db: Database) =>
  db.read.selectFrom('runs').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');

function openDescriptorsBelow(path: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      return target.startsWith(path) ? [target] : [];
    } catch {
      return [];
    }
  });
}

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL_MIGRATIONS } from '../../migrations/all-migrations.js';
import { migrate } from '../../migrations/migrate.js';
import { runRow } from '../../test-support/rows.js';
import { backUpFile } from './backup.js';
import { withConnection } from './database-file.js';
import { backUpBeforeMigration } from './migration-backups.js';
import { SqliteConnection } from './sqlite-connection.js';
import { SqliteStore } from './sqlite-database.js';
import { migratorOn } from './sqlite-kysely.js';
import { sqliteSchema } from './sqlite-schema.js';

describe('a backup of a SQLite database', () => {
  let folder: string;
  let file: string;
  let target: string;
  let store: SqliteStore;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-backup-'));
    file = join(folder, 'scriptmesh.sqlite');
    target = join(folder, 'copies', 'copy.sqlite');
    store = await SqliteStore.open(file, 1_000);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const addRun = (id: string): Promise<unknown> =>
    store.write((trx) => trx.insertInto('runs').values(runRow(id)).execute());
  const idsIn = (copy: string): readonly unknown[] =>
    withConnection(copy, (connection) => connection.prepare('select id from runs order by id').all([])).map(
      (row) => (row as { id: unknown }).id,
    );

  it('has every commit from before it, from the log too, in one file for nobody else', async () => {
    await addRun('a');
    backUpFile(file, target);
    await addRun('b');
    expect(idsIn(target)).toEqual(['a']);
    expect(readdirSync(join(folder, 'copies'))).toEqual(['copy.sqlite']);
    expect(statSync(target).mode & 0o777).toBe(0o600);
  });

  it('is made while the store writes, and neither fails', async () => {
    const ids = Array.from({ length: 200 }, (_, n) => String(n).padStart(3, '0'));
    const writes = ids.map((id) => addRun(id));
    await writes[0];
    backUpFile(file, target);
    await Promise.all(writes);
    const copied = idsIn(target);
    expect(copied).toContain('000');
    expect(copied).toEqual(ids.slice(0, copied.length));
    expect(await store.read.selectFrom('runs').select('id').execute()).toHaveLength(200);
    const later = join(folder, 'later.sqlite');
    backUpFile(file, later);
    expect(idsIn(later)).toHaveLength(200);
  });

  it('opens as a store', async () => {
    await addRun('a');
    backUpFile(file, target);
    const restored = await SqliteStore.open(target, 2_000);
    expect(await restored.read.selectFrom('runs').select('id').execute()).toEqual([{ id: 'a' }]);
    expect(restored.storeSeq).toBe(store.storeSeq);
    await restored.close();
  });

  it('replaces no file', () => {
    backUpFile(file, target);
    const before = statSync(target);
    expect(() => backUpFile(file, target)).toThrowError(expect.objectContaining({ code: 'store/bad-backup' }));
    expect(statSync(target).mtimeMs).toBe(before.mtimeMs);
  });

  it('takes the place of what a backup left that was ended half-way', () => {
    backUpFile(file, join(folder, 'copies/first.sqlite'));
    writeFileSync(`${target}.partial`, 'half');
    backUpFile(file, target);
    expect(existsSync(`${target}.partial`)).toBe(false);
    expect(idsIn(target)).toEqual([]);
  });

  it('says so when there is no database, and makes none', () => {
    const none = join(folder, 'none.sqlite');
    expect(() => backUpFile(none, target)).toThrowError(expect.objectContaining({ code: 'store/unavailable' }));
    expect(existsSync(none)).toBe(false);
  });

  it('says so when the place cannot be written, and leaves nothing', () => {
    const place = join(file, 'copy.sqlite');
    expect(() => backUpFile(file, place)).toThrowError(expect.objectContaining({ code: 'store/unavailable' }));
    expect(readdirSync(folder).some((name) => name.includes('partial'))).toBe(false);
  });

  it('of a database that is not ours is refused', () => {
    const other = join(folder, 'other.sqlite');
    withConnection(other, (connection) => connection.exec('create table letters (a text)'));
    expect(() => backUpFile(other, target)).toThrowError(
      expect.objectContaining({ code: 'store/bad-backup', detail: expect.stringContaining('not a database of') }),
    );
    expect(readdirSync(join(folder, 'copies'))).toEqual([]);
  });

  describe('before a migration', () => {
    it('keeps the newest of each of the last three schemas, however often one is copied, and nothing else is touched', () => {
      const copies = join(folder, 'backups');
      withConnection(file, (connection) => {
        for (const [minute, schema] of [3, 4, 5, 6, 6, 6, 6].entries())
          backUpBeforeMigration(connection, copies, schema, minute * 60_000);
      });
      writeFileSync(join(copies, 'mine.sqlite'), '');
      withConnection(file, (connection) => backUpBeforeMigration(connection, copies, 6, 600_000));
      expect(readdirSync(copies).toSorted()).toEqual([
        'mine.sqlite',
        'scriptmesh-schema-0004-19700101T000100Z.sqlite',
        'scriptmesh-schema-0005-19700101T000200Z.sqlite',
        'scriptmesh-schema-0006-19700101T001000Z.sqlite',
      ]);
    });

    it('is made when a schema in use changes, not at the first start nor at one without a change', async () => {
      const asked: number[] = [];
      const open = async (path: string): Promise<void> => {
        const opened = await SqliteStore.open(path, 3_000, (_connection, applied) => asked.push(applied));
        await opened.close();
      };
      await open(join(folder, 'new.sqlite'));
      await store.close();
      await open(file);
      expect(asked).toEqual([]);
      const older = join(folder, 'older.sqlite');
      const migrations = ALL_MIGRATIONS.slice(0, -1);
      const connection = new SqliteConnection(older);
      await migrate(migratorOn(connection), sqliteSchema, 1_000, { migrations });
      connection.close();
      await open(older);
      expect(asked).toEqual([migrations.length]);
    });
  });
});

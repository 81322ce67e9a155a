import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../database.js';
import { openDatabase } from '../../open-database.js';
import { Replacement } from './replacement.js';

describe('putting a backup in the place of the database', () => {
  let folder: string;
  let file: string;
  let backup: string;
  const opened: Database[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-restore-'));
    file = join(folder, 'scriptmesh.sqlite');
    backup = join(folder, 'backup.sqlite');
    await note(file, 'old');
    copyFileSync(file, backup);
    await note(file, 'new');
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (path: string): Promise<Database> => {
    const database = await openDatabase({ url: null, file: path });
    opened.push(database);
    return database;
  };
  const note = async (path: string, key: string): Promise<void> => {
    const database = await open(path);
    await database.write((trx) => trx.insertInto('meta').values({ key, value: '' }).execute());
    await database.close();
  };
  const notes = async (path: string): Promise<string[]> => {
    const database = await open(path);
    const rows = await database.read
      .selectFrom('meta')
      .select('key')
      .where('key', 'in', ['old', 'new', 'ready'])
      .execute();
    await database.close();
    return rows.map(({ key }) => key).toSorted();
  };

  it.skipIf(process.getuid?.() !== 0)('is restored by root for whom the database belongs to', () => {
    chownSync(file, 65_534, 65_534);
    const replacement = Replacement.begin(file, backup);
    replacement.putInPlace('stamp');
    replacement.end();
    const owners = [file, `${file}.lock`].map((path) => [statSync(path).uid, statSync(path).gid]);
    expect(owners).toEqual([
      [65_534, 65_534],
      [65_534, 65_534],
    ]);
  });

  it('puts it there as it was made ready, and keeps the replaced one beside it', async () => {
    const replacement = Replacement.begin(file, backup);
    expect(replacement.replacedSeq).toBe(2);
    await note(replacement.workFile, 'ready');
    const kept = replacement.putInPlace('20261123T063000Z');
    replacement.end();

    expect(await notes(file)).toEqual(['old', 'ready']);
    expect(kept).toBe(`${file}.replaced-20261123T063000Z`);
    expect(await notes(kept as string)).toEqual(['new', 'old']);
    expect(await notes(backup)).toEqual(['old']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.includes('restoring'))).toEqual([]);
  });

  it('leaves everything as it was when it is given up half-way', async () => {
    const before = readFileSync(file);
    const replacement = Replacement.begin(file, backup);
    await note(replacement.workFile, 'ready');
    replacement.end();
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes('restoring'))).toEqual([]);
    expect(await notes(file)).toEqual(['new', 'old']);
  });

  it('is refused while an orchestrator uses the database, and holds one off while it lasts', async () => {
    const database = await open(file);
    expect(() => Replacement.begin(file, backup)).toThrow('another orchestrator is using the database');
    await database.close();
    const replacement = Replacement.begin(file, backup);
    await expect(open(file)).rejects.toMatchObject({ code: 'store/locked' });
    replacement.end();
    expect(await notes(file)).toEqual(['new', 'old']);
  });

  it('takes a copy of a database in use together with its write-ahead log', async () => {
    const database = await open(file);
    await database.write((trx) => trx.insertInto('meta').values({ key: 'ready', value: '' }).execute());
    const copy = join(folder, 'copy.sqlite');
    copyFileSync(file, copy);
    copyFileSync(`${file}-wal`, `${copy}-wal`);
    await database.close();
    const replacement = Replacement.begin(file, copy);
    replacement.putInPlace('x');
    replacement.end();
    expect(await notes(file)).toEqual(['new', 'old', 'ready']);
  });

  it('works without a database in use, and with a broken one, which is kept with its log', async () => {
    writeFileSync(file, 'broken beyond repair. '.repeat(500));
    writeFileSync(`${file}-wal`, 'its log');
    const replacement = Replacement.begin(file, backup);
    expect(replacement.replacedSeq).toBe(0);
    const kept = replacement.putInPlace('x');
    replacement.end();
    expect(await notes(file)).toEqual(['old']);
    expect(readFileSync(kept as string, 'utf8')).toContain('broken');

    rmSync(file);
    const second = Replacement.begin(file, backup);
    expect(second.putInPlace('y')).toBeUndefined();
    second.end();
    expect(await notes(file)).toEqual(['old']);
  });

  it.each([
    ['there is no such file', () => rmSync(backup)],
    ['not a database', () => writeFileSync(backup, 'a letter, not a database. '.repeat(200))],
    ['not a database of ScriptMesh', () => writeFileSync(backup, '')],
    ['damaged', () => damage(backup)],
  ])('refuses a backup: %s', (why, spoil) => {
    spoil();
    const before = readFileSync(file);
    expect(() => Replacement.begin(file, backup)).toThrow(why);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(`${file}.restoring`)).toBe(false);
  });

  it('refuses the database in use as its own backup', () => {
    expect(() => Replacement.begin(file, join(folder, '.', 'scriptmesh.sqlite'))).toThrow('it is the database');
  });

  it('leaves it to the opening to refuse a newer schema, with nothing touched', async () => {
    const newer = await open(backup);
    await newer.write((trx) => sql`insert into schema_migrations values (999, 'from the future', 0)`.execute(trx));
    await newer.close();
    const replacement = Replacement.begin(file, backup);
    await expect(open(replacement.workFile)).rejects.toMatchObject({ code: 'store/newer-schema' });
    replacement.end();
    expect(await notes(file)).toEqual(['new', 'old']);
  });
});

/** Writes over a page in the middle; the first one still says that it is a database. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  for (let page = 2; page * 4096 < bytes.length; page += 1) bytes.fill(0xa5, page * 4096, page * 4096 + 400);
  writeFileSync(path, bytes);
}

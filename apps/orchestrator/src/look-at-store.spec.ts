import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseFile, type OrchestratorSettings } from '@scriptmesh/config';
import { fernetFingerprint, makeFernetKey } from '@scriptmesh/crypto';
import { openDatabase, OWN_SCHEMA } from '@scriptmesh/database';
import { MovedClock, startPostgres, type TestPostgres } from '@scriptmesh/testing';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkFernetKeys } from './fernet-check.js';
import { lookAtStore } from './look-at-store.js';
import { someSettings } from './test-support/surroundings.js';

const OURS = makeFernetKey();
const OTHER = makeFernetKey();
const NUMBER_OF_A_NEWER = OWN_SCHEMA + 1;

describe('looking at the store', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-look-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const settings = (overrides: Partial<OrchestratorSettings> = {}) =>
    someSettings({ home, fernetKeys: [OURS], ...overrides });
  /** A database as an orchestrator with our key has left it. */
  const leaveDatabase = async (url: string | null = null, more?: string) => {
    const db = await openDatabase({ url, file: databaseFile(home) });
    await checkFernetKeys(settings(), db, new MovedClock());
    if (more !== undefined) await db.write((trx) => sql.raw(more).execute(trx));
    await db.close();
  };
  const look = async (overrides?: Partial<OrchestratorSettings>) =>
    (await lookAtStore(settings(overrides))).map(({ check, state, says }) => `${check} ${state}: ${says}`);

  it('makes neither a database nor a key', async () => {
    expect(await look({ fernetKeys: [] })).toEqual([
      'database skipped: is made at the first start',
      'fernet key skipped: is made at the next start',
    ]);
    expect(readdirSync(home)).toEqual([]);
  });

  it('finds a database whose key fits, and leaves the file as it is', async () => {
    await leaveDatabase();
    const before = readFileSync(databaseFile(home));

    expect(await look({ fernetKeys: [OTHER, OURS] })).toEqual([
      `database ok: ${databaseFile(home)} passed its check`,
      expect.stringContaining(`fernet key ok: fits the database (fingerprint ${fernetFingerprint(OURS)})`),
    ]);
    expect(readFileSync(databaseFile(home)).equals(before)).toBe(true);
  });

  it('names a key that is missing, and one of another database', async () => {
    await leaveDatabase();
    expect((await look({ fernetKeys: [] }))[1]).toContain('fernet key problem: is missing');
    const [, wrong] = await look({ fernetKeys: [OTHER] });
    expect(wrong).toContain(`has the fingerprint ${fernetFingerprint(OTHER)}`);
    expect(wrong).toContain(`was written with ${fernetFingerprint(OURS)}`);
    expect((await look({ fernetKeys: [OTHER], acceptNewFernetKey: true }))[1]).toContain('fernet key ok');
  });

  it('names a newer schema, and says of an older one what the next start does', async () => {
    await leaveDatabase(null, `insert into schema_migrations values (${NUMBER_OF_A_NEWER}, 'newer', 0)`);
    expect((await look())[0]).toContain(`its schema has number ${NUMBER_OF_A_NEWER}, this program knows ${OWN_SCHEMA}`);
    await rewrite(`delete from schema_migrations where number >= ${OWN_SCHEMA}`);
    expect((await look())[0]).toContain(`goes from ${OWN_SCHEMA - 1} to ${OWN_SCHEMA} at the next start`);
  });

  it('names a file that is no database, and one that is not ours', async () => {
    writeFileSync(databaseFile(home), 'no database, but long enough to be looked at as one'.repeat(100));
    expect((await look())[0]).toContain('database problem');
    rmSync(databaseFile(home));
    await rewrite('create table others (id integer)');
    expect((await look())[0]).toContain('it is not a database of ScriptMesh');
  });

  it('names a PostgreSQL that cannot be reached, without its password', async () => {
    const [finding] = await look({ databaseUrl: 'postgres://me:hunter2@127.0.0.1:1/none' });
    expect(finding).toContain('database problem');
    expect(finding).not.toContain('hunter2');
  });

  /** Changes the file past all our code. */
  async function rewrite(statement: string): Promise<void> {
    const { default: Libsql } = await import('libsql');
    const file = new Libsql(databaseFile(home));
    file.exec(statement);
    file.close();
  }

  describe('of PostgreSQL', () => {
    let postgres: TestPostgres;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres.stop());

    it('finds an empty one, and changes nothing in it', async () => {
      const databaseUrl = await postgres.freshDatabaseUrl();
      const twice = [await look({ databaseUrl }), await look({ databaseUrl })];
      expect(twice[0]?.[0]).toContain(`goes from 0 to ${OWN_SCHEMA}`);
      expect(twice[1]).toEqual(twice[0]);
    });

    it('finds one whose key fits, and names a key that does not', async () => {
      const databaseUrl = await postgres.freshDatabaseUrl();
      await leaveDatabase(databaseUrl);
      expect(await look({ databaseUrl })).toEqual([
        'database ok: PostgreSQL passed its check',
        expect.stringContaining('fernet key ok: fits'),
      ]);
      expect((await look({ databaseUrl, fernetKeys: [OTHER] }))[1]).toContain('fernet key problem');
    });
  });
});

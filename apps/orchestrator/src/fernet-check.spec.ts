import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrchestratorSettings } from '@scriptmesh/config';
import { fernetFingerprint, makeFernetKey } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, MovedClock, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFernetKeys } from './fernet-check.js';
import { someSettings } from './test-support/surroundings.js';

const OLD = makeFernetKey();
const NEW = makeFernetKey();

describe('checkFernetKeys', () => {
  let db: Database;
  let home: string;
  beforeEach(async () => {
    db = await openTestDatabase();
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-fernet-'));
  });
  afterEach(async () => {
    await closeTestDatabase(db);
    rmSync(home, { recursive: true, force: true });
  });

  const check = (overrides: Partial<OrchestratorSettings>) =>
    checkFernetKeys(someSettings({ home, ...overrides }), db, new MovedClock());
  const keyFile = () => join(home, 'cfg/fernet.key');
  const stored = async () =>
    JSON.stringify([
      await db.read.selectFrom('meta').selectAll().where('key', '=', 'fernet_fingerprint').execute(),
      await db.read.selectFrom('audit').selectAll().execute(),
    ]);

  it('makes the first key, for its owner alone, and takes it again at the next start', async () => {
    const [key] = await check({});
    expect(readFileSync(keyFile(), 'utf8').trim()).toBe(key);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(await check({ fernetKeys: [key as string] })).toEqual([key]);
  });

  it('takes a key that was given, and writes no file then', async () => {
    expect(await check({ fernetKeys: [OLD] })).toEqual([OLD]);
    expect(existsSync(keyFile())).toBe(false);
  });

  it('goes on when a newer key is put before the one that is on record', async () => {
    await check({ fernetKeys: [OLD] });
    expect(await check({ fernetKeys: [NEW, OLD] })).toEqual([NEW, OLD]);
    expect(await check({ fernetKeys: [OLD] })).toEqual([OLD]);
  });

  it('refuses a wrong key, names the fingerprint expected and the one given, and touches nothing (I4)', async () => {
    await check({ fernetKeys: [OLD] });
    const before = await stored();
    const fault = await check({ fernetKeys: [NEW] }).catch(
      (error: unknown) => error as { code: string; detail: string; hint: string },
    );
    expect(fault).toMatchObject({ code: 'crypto/wrong-fernet-key' });
    const text = JSON.stringify(fault);
    expect(text).toContain(fernetFingerprint(OLD));
    expect(text).toContain(fernetFingerprint(NEW));
    expect(text).not.toContain(NEW);
    expect(await stored()).toBe(before);
    expect(existsSync(keyFile())).toBe(false);
  });

  it('makes no new key when the old one is lost, and shows the way back (I4)', async () => {
    await check({ fernetKeys: [OLD] });
    await expect(check({})).rejects.toMatchObject({
      code: 'crypto/wrong-fernet-key',
      detail: expect.stringContaining(fernetFingerprint(OLD)),
      hint: expect.stringContaining('docs/fernet-key.md'),
    });
    expect(existsSync(keyFile())).toBe(false);
  });

  it("goes on with a new key when that was asked for, gives up the agents' keys alone and says so in the audit", async () => {
    await check({ fernetKeys: [OLD] });
    await db.write((trx) => trx.insertInto('agents').values(anAgentRow()).execute());
    const keys = await check({ acceptNewFernetKey: true });
    expect(readFileSync(keyFile(), 'utf8').trim()).toBe(keys[0]);
    const agent = await db.read.selectFrom('agents').selectAll().executeTakeFirst();
    expect(agent).toEqual({ ...anAgentRow(), key_token: '', key_digest: '' });
    const audit = await db.read.selectFrom('audit').selectAll().execute();
    expect(audit).toMatchObject([{ action: 'crypto.new-fernet-key', principal: 'system' }]);
    await expect(check({ fernetKeys: [OLD] })).rejects.toMatchObject({ code: 'crypto/wrong-fernet-key' });
  });

  it('changes nothing when a new key is allowed but the right one is there', async () => {
    await check({ fernetKeys: [OLD] });
    const before = await stored();
    expect(await check({ fernetKeys: [OLD], acceptNewFernetKey: true })).toEqual([OLD]);
    expect(await stored()).toBe(before);
  });
});

const anAgentRow = () => ({
  id: '019b7600-0000-7000-8000-0000000000a1',
  name: 'db-1',
  folded_name: 'db-1',
  url: 'http://10.0.0.1:5001',
  transport: 'http',
  key_token: 'token',
  key_digest: 'digest',
  labels: '{"site":"north"}',
  facts: '{}',
  journal_id: 'a'.repeat(32),
  epoch: 3,
  count_seen: 7,
  manifest_sha: null,
  manifest: null,
  free_slots: null,
  registered_at: 1,
  last_seen_at: null,
});

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@scriptmesh/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examineAgent } from './examine-agent.js';

const GOOD_KEY = 'a-main-key-of-a-test-with-0123456789';

describe('the doctor of an agent', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-doctor-'));
    for (const folder of ['cfg', 'scripts']) mkdirSync(join(home, folder), { mode: 0o755 });
    writeFileSync(join(home, 'scripts/a.sh'), '#!/bin/sh\n', { mode: 0o755 });
    list({ scripts: [{ name: 'a', path: 'a.sh', description: 'A test.' }] });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const list = (manifest: object | string): void =>
    writeFileSync(
      join(home, 'cfg/script_manifest.json'),
      typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
      { mode: 0o644 },
    );
  const examine = (env: Record<string, string> = {}, free = 10_000_000_000) =>
    examineAgent({
      sources: {
        flags: {},
        env: { SCRIPT_MESH_HOME: home, ORCHESTRATOR_URL: 'http://127.0.0.1:1', ...env },
        cwd: home,
        hostname: hostname(),
      } as never,
      clock: new SystemClock(),
      free: () => Promise.resolve(free),
    });
  const problemsOf = async (...asked: Parameters<typeof examine>) =>
    (await examine(...asked)).filter(({ state }) => state === 'problem').map(({ check, says }) => `${check}: ${says}`);
  const ABSENT = 'orchestrator: http://127.0.0.1:1: nothing listens there';

  it('finds nothing but the orchestrator that is not there', async () => {
    expect(await problemsOf()).toEqual([ABSENT]);
  });

  it('makes no manifest where there is none yet', async () => {
    rmSync(join(home, 'cfg/script_manifest.json'));
    const findings = await examine();
    expect(findings.find(({ check }) => check === 'manifest')).toMatchObject({ state: 'skipped' });
    expect(readdirSync(join(home, 'cfg'))).not.toContain('script_manifest.json');
  });

  it('names a broken manifest, with its place', async () => {
    list('{"scripts": [');
    expect((await problemsOf())[0]).toMatch(/^manifest: .*script_manifest\.json/);
    list({ scripts: [{ name: 'b', path: '../b.sh' }] });
    expect((await problemsOf())[0]).toMatch(/^manifest: .*scripts\[0\]\.path/);
  });

  it('names unsafe permissions of a script and of a key', async () => {
    chmodSync(join(home, 'scripts/a.sh'), 0o777);
    expect((await problemsOf())[0]).toMatch(/^permissions: a: .*a\.sh/);
    const file = join(home, 'main.key');
    writeFileSync(file, GOOD_KEY);
    chmodSync(file, 0o644);
    chmodSync(join(home, 'scripts/a.sh'), 0o755);
    writeFileSync(join(home, 'cfg/agent.key'), GOOD_KEY);
    chmodSync(join(home, 'cfg/agent.key'), 0o644);
    expect((await problemsOf())[0]).toMatch(/^settings: .*agent\.key/);
  });

  it('names a default key', async () => {
    expect((await problemsOf({ SCRIPT_MESH_AGENT_KEY: 'CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME' }))[0]).toMatch(
      /^settings: .*the default one/,
    );
  });

  it('names a folder that is no home, and makes nothing in it', async () => {
    rmSync(join(home, 'cfg'), { recursive: true });
    expect(await problemsOf()).toEqual([expect.stringMatching(/^home: .* is not the home folder of an agent/)]);
    expect(readdirSync(home)).toEqual(['scripts']);
  });

  it('names a full disk', async () => {
    expect(await problemsOf({}, 1000)).toEqual([expect.stringMatching(/^disk: 0 MiB are free/), ABSENT]);
  });
});

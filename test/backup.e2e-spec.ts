import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres, type TestPostgres } from '@scriptmesh/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Mesh, type TestScript } from './support/mesh.js';
import { runCli, until, type CliResult } from './support/program.js';

const PATIENT: TestScript = {
  file: 'patient.sh',
  text: '#!/bin/sh\nhome="$(dirname "$0")/.."\necho "$SM_RUN_ID" >> "$home/patient.starts"\nwhile [ ! -e "$home/go" ]; do sleep 0.05; done\necho ended\n',
};
const QUICK: TestScript = { file: 'quick.sh', text: '#!/bin/sh\necho done\n' };

describe('a backup of SQLite', () => {
  let mesh: Mesh;
  let target: string;
  beforeEach(async () => {
    mesh = new Mesh();
    await mesh.start([PATIENT, QUICK]);
    target = join(mesh.folder, 'backups', 'mesh.sqlite');
  });
  afterEach(() => mesh.stop());

  const orchestrator = (...words: string[]): Promise<CliResult> =>
    runCli(['orchestrator', ...words], { SCRIPT_MESH_HOME: mesh.orchestratorHome });

  it('is made under a running orchestrator, restored, and runs: no run is lost or started twice', async () => {
    const ended = await mesh.askForRun('quick', {}, { prefer: 'wait=30' });
    const running = await mesh.askForRun('patient');
    await until('the start', () => mesh.startsOf('patient') === 1);
    const backup = await orchestrator('backup', target);
    expect(backup).toMatchObject({ code: 0, stderr: '' });
    expect(backup.stdout).toMatch(/^backed up .*\nto +.*mesh\.sqlite \(\d+ bytes, checked\)\nkey +not in it/);
    expect(await mesh.askForRun('quick', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });

    await mesh.orchestrator.stop();
    expect(await orchestrator('restore', target)).toMatchObject({ code: 0, stderr: '' });
    await mesh.startOrchestrator();
    mesh.touchInAgentHome('go');
    expect(await mesh.waitForState(running.id, 'succeeded')).toMatchObject({ executed: 'yes', exitCode: 0 });
    expect(mesh.startsOf('patient')).toBe(1);
    expect(await mesh.getRun(ended.id)).toMatchObject({ state: 'succeeded', finishedAt: ended.finishedAt });
    expect(await mesh.output(ended.id)).toBe('done\n');
    expect(await mesh.askForRun('quick', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });
  });

  it('holds no key unless asked, replaces no file, and says what is wrong', async () => {
    const key = readFileSync(join(mesh.orchestratorHome, 'cfg/fernet.key'), 'utf8').trim();
    expect((await orchestrator('backup', target)).code).toBe(0);
    expect(readFileSync(target).includes(key)).toBe(false);
    expect(readdirSync(join(mesh.folder, 'backups'))).toEqual(['mesh.sqlite']);
    const again = await orchestrator('backup', target);
    expect(again).toMatchObject({ code: 78, stderr: expect.stringContaining('replaces none') as string });

    const both = join(mesh.folder, 'backups', 'both.sqlite');
    expect((await orchestrator('backup', both, '--with-fernet-key')).code).toBe(0);
    expect(readFileSync(`${both}.fernet.key`, 'utf8').trim()).toBe(key);
    expect(statSync(both).mode & 0o777).toBe(0o600);
    expect(statSync(`${both}.fernet.key`).mode & 0o777).toBe(0o600);

    rmSync(both);
    const halves = await orchestrator('backup', both, '--with-fernet-key');
    expect(halves).toMatchObject({ code: 78, stderr: expect.stringContaining('fernet.key already') as string });
    expect(existsSync(both)).toBe(false);

    const elsewhere = await runCli(['orchestrator', 'backup', target], { SCRIPT_MESH_HOME: join(mesh.folder, 'none') });
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no database at') as string });
  });
});

const hasTools = spawnSync('pg_dump', ['--version']).status === 0;

describe.skipIf(!hasTools)(`a backup of PostgreSQL${hasTools ? '' : ' (skipped: there is no pg_dump here)'}`, () => {
  let postgres: TestPostgres;
  const mesh = new Mesh();
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(async () => {
    await mesh.stop();
    await postgres.stop();
  });

  it('is a dump; restored by its own tools and marked, it runs: no run is lost or started twice', async () => {
    const before = { DATABASE_URL: await postgres.freshDatabaseUrl() };
    await mesh.start([PATIENT, QUICK], { orchestrator: before });
    const ended = await mesh.askForRun('quick', {}, { prefer: 'wait=30' });
    const running = await mesh.askForRun('patient');
    await until('the start', () => mesh.startsOf('patient') === 1);
    const target = join(mesh.folder, 'mesh.dump');
    const home = { SCRIPT_MESH_HOME: mesh.orchestratorHome };
    expect(await runCli(['orchestrator', 'backup', target], { ...home, ...before })).toMatchObject({ code: 0 });
    expect(existsSync(`${target}.partial`)).toBe(false);
    const later = await mesh.askForRun('quick', {}, { prefer: 'wait=30' });

    await mesh.orchestrator.stop();
    const after = { DATABASE_URL: await postgres.freshDatabaseUrl() };
    const restored = spawnSync('pg_restore', ['--no-owner', '--dbname', after.DATABASE_URL, target], {
      encoding: 'utf8',
    });
    expect(restored).toMatchObject({ status: 0, stderr: '' });
    const marked = await runCli(['orchestrator', 'restore'], { ...home, ...after });
    expect(marked).toMatchObject({ code: 0, stdout: expect.stringContaining('1 live runs as restored') as string });
    await mesh.startOrchestrator(after);
    mesh.touchInAgentHome('go');
    expect(await mesh.waitForState(running.id, 'succeeded')).toMatchObject({ executed: 'yes', exitCode: 0 });
    expect(mesh.startsOf('patient')).toBe(1);
    expect(await mesh.getRun(ended.id)).toMatchObject({ state: 'succeeded', finishedAt: ended.finishedAt });
    expect((await mesh.call('GET', `/api/v1/runs/${later.id}`)).status).toBe(404);
    expect(await mesh.askForRun('quick', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });
  });
});

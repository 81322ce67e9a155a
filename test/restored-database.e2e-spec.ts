import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResource } from '@scriptmesh/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mesh, type TestScript } from './support/mesh.js';
import { runCli, until, type CliResult } from './support/program.js';

// Each start leaves a line outside the spool, so that a second start cannot hide. A script ends when its file `go-...` is there.
const patient = (name: string): TestScript => ({
  file: `${name}.sh`,
  text: `#!/bin/sh\nhome="$(dirname "$0")/.."\necho "$SM_RUN_ID" >> "$home/${name}.starts"\necho begun\nwhile [ ! -e "$home/go-${name}" ]; do sleep 0.05; done\necho ended\n`,
});
const SCRIPTS = [patient('before'), patient('short'), patient('after')];
const ONE_SLOT = { SCRIPT_MESH_MAX_CONCURRENT_RUNS: '2' };

describe('a database restored from a backup', () => {
  let mesh: Mesh;
  let backup: string;
  let running: RunResource;
  let waiting: RunResource;
  let later: RunResource;

  beforeEach(async () => {
    mesh = new Mesh();
    await mesh.start(SCRIPTS, { agent: ONE_SLOT });
    backup = join(mesh.folder, 'backup.sqlite');
  });
  afterEach(() => mesh.stop());

  const database = (): string => join(mesh.orchestratorHome, 'scriptmesh.sqlite');
  const go = (name: string): void => writeFileSync(join(mesh.agentHome, `go-${name}`), '');
  const startsOf = (id: string, script: string): number =>
    readFileSync(join(mesh.agentHome, `${script}.starts`), 'utf8')
      .trim()
      .split('\n')
      .filter((line) => line === id).length;
  const restore = (from: string): Promise<CliResult> =>
    runCli(['orchestrator', 'restore', from], { SCRIPT_MESH_HOME: mesh.orchestratorHome });
  const stopOrchestrator = async (): Promise<void> => {
    await mesh.orchestrator.stop();
  };

  /** Two runs are in work and one waits; then the database is copied, all of them end, and one more is made and ends. */
  async function letTimeGoOnAfterTheCopy(): Promise<void> {
    running = await mesh.askForRun('before');
    const short = await mesh.askForRun('short');
    await until('both starts', () => mesh.startsOf('before') === 1 && mesh.startsOf('short') === 1);
    waiting = await mesh.askForRun('after');
    // A stop leaves the file whole without its log: a plain copy of it is a backup.
    await stopOrchestrator();
    copyFileSync(database(), backup);
    await mesh.startOrchestrator();
    for (const name of ['short', 'before', 'after']) go(name);
    for (const run of [running, short, waiting]) await mesh.waitForState(run.id, 'succeeded');
    later = await mesh.askForRun('before');
    await mesh.waitForState(later.id, 'succeeded');
  }

  async function expectHonestEnds(): Promise<void> {
    // The agent has let go of the output of runs that had ended; the result is the real one.
    expect(await mesh.waitForState(running.id, 'succeeded')).toMatchObject({ executed: 'yes', exitCode: 0 });
    expect(await mesh.waitForState(waiting.id, 'succeeded')).toMatchObject({ executed: 'yes', exitCode: 0 });
    expect(startsOf(running.id, 'before')).toBe(1);
    expect(startsOf(waiting.id, 'after')).toBe(1);
    expect(startsOf(later.id, 'before')).toBe(1);
    const next = await mesh.askForRun('short', {}, { prefer: 'wait=30' });
    expect(next).toMatchObject({ state: 'succeeded', executed: 'yes' });
    expect(startsOf(next.id, 'short')).toBe(1);
  }

  it('by the command: each run has one end, the real one, and none is started twice', async () => {
    await letTimeGoOnAfterTheCopy();
    expect(await restore(backup)).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('store/locked') as string,
    });
    await stopOrchestrator();
    const restored = await restore(backup);
    expect(restored.stderr).toBe('');
    expect(restored).toMatchObject({ code: 0 });
    expect(restored.stdout).toContain('marked    3 live runs as restored');
    const kept = readdirSync(mesh.orchestratorHome).filter((name) => name.includes('.replaced-'));
    expect(kept).toHaveLength(1);
    await mesh.startOrchestrator();
    await expectHonestEnds();
  });

  it('by hand, behind our back: it is noticed, and the same holds', async () => {
    await letTimeGoOnAfterTheCopy();
    await stopOrchestrator();
    // The agent does not remember it in its memory alone.
    await mesh.agent.stop();
    rmSync(database());
    copyFileSync(backup, database());
    await mesh.startOrchestrator();
    await mesh.startAgent(ONE_SLOT);
    await expectHonestEnds();
    // What is said by HTTP may be here before what was logged.
    const { output } = mesh.orchestrator;
    await until('the word of it', () => output.stderr.includes('store.older-than-told'));
    expect(output.stderr).toContain('store.older-than-told');
  });

  it('takes in a run that was made after the copy and is still in work, by its receipt, with all of its output', async () => {
    await stopOrchestrator();
    copyFileSync(database(), backup);
    await mesh.startOrchestrator();
    const made = await mesh.askForRun('after');
    await until('the start', () => mesh.startsOf('after') === 1);
    await stopOrchestrator();
    expect((await restore(backup)).code).toBe(0);
    await mesh.startOrchestrator();
    await until('the run known again', async () => (await mesh.call('GET', `/api/v1/runs/${made.id}`)).status === 200);
    go('after');
    expect(await mesh.waitForState(made.id, 'succeeded')).toMatchObject({
      executed: 'yes',
      exitCode: 0,
      origin: 'agent',
      truncated: false,
    });
    expect(await mesh.output(made.id)).toBe('begun\nended\n');
    expect(startsOf(made.id, 'after')).toBe(1);
  });

  it('refuses a file that is no backup, and touches nothing', async () => {
    await stopOrchestrator();
    const before = readFileSync(database());
    writeFileSync(backup, 'a letter, not a database. '.repeat(300));
    const refused = await restore(backup);
    expect(refused).toMatchObject({ code: 78, stderr: expect.stringContaining('store/bad-backup') as string });
    expect(readFileSync(database()).equals(before)).toBe(true);
    const home = { SCRIPT_MESH_HOME: mesh.orchestratorHome };
    const unnamed = await runCli(['orchestrator', 'restore'], home);
    expect(unnamed).toMatchObject({ code: 78, stderr: expect.stringContaining('no backup was named') as string });
  });

  it('refuses a backup of another installation: its secrets were made with another key', async () => {
    const other = new Mesh();
    try {
      await other.start([]);
      await other.orchestrator.stop();
      renameSync(join(other.orchestratorHome, 'scriptmesh.sqlite'), backup);
    } finally {
      await other.stop();
    }
    await stopOrchestrator();
    const before = readFileSync(database());
    const refused = await restore(backup);
    expect(refused).toMatchObject({ code: 78, stderr: expect.stringContaining('wrong-fernet-key') as string });
    expect(readFileSync(database()).equals(before)).toBe(true);
  });
});

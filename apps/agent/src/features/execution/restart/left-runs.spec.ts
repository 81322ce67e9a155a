import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock } from '@scriptmesh/testing';
import { AgentHome, KeptLog, runIdOf } from '../../../test-support/agent-home.js';
import { FakeStarter } from '../../../test-support/fake-starter.js';
import { openTestJournal } from '../../../test-support/open-test-journal.js';
import type { EndRecord, Journal } from '../../journal/index.js';
import { LeftRuns } from './left-runs.js';

const RUN = runIdOf(1);

describe('runs whose fate is not known', () => {
  let home: AgentHome;
  let spool: string;
  let journal: Journal;
  let clock: MovedClock;
  let starter: FakeStarter;
  let left: LeftRuns;

  const advance = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await journal.writeEnd(runIdOf(99), { kind: 'lost', started: false, why: 'waits for the writes before it' });
  };
  const endOfRun = (): EndRecord | null => {
    const record = journal.find(RUN);
    return record?.kind === 'intent' ? record.end : null;
  };
  const putEndOnDisk = (): void =>
    writeFileSync(join(journal.folderOf(RUN), 'end'), '{"kind":"spawnFailed","code":"run/start-failed","why":"no"}');

  beforeEach(async () => {
    home = new AgentHome();
    spool = mkdtempSync(join(tmpdir(), 'scriptmesh-left-'));
    journal = await openTestJournal(spool);
    await journal.writeIntent({ runId: RUN, receipt: 'r', script: 's', scriptSha: 'a'.repeat(64), timeoutMs: 10_000 });
    clock = new MovedClock();
    starter = new FakeStarter();
    left = new LeftRuns(journal, starter, clock, home.settings({ killGraceSeconds: 2 }), new KeptLog());
  });
  afterEach(async () => {
    rmSync(spool, { recursive: true, force: true });
    await home.remove();
  });

  it('are gone on with, within their limits, when they run', async () => {
    starter.fates.set(RUN, { kind: 'running' });
    left.lookIntoAll();
    await advance(60_000);
    expect(starter.resumed).toEqual([
      { runId: RUN, folder: journal.folderOf(RUN), timeoutMs: 10_000, killGraceMs: 2_000, outputMaxBytes: 10_000_000 },
    ]);
    expect(endOfRun()).toBeNull();
  });

  it.each([
    { started: true, isOfThisBoot: true, cause: 'supervisor-ended' },
    { started: true, isOfThisBoot: false, cause: 'node-restarted' },
    { started: false, isOfThisBoot: true, cause: 'before-start' },
  ])('are lost after two seconds without a process: $cause', async ({ cause, ...fate }) => {
    starter.fates.set(RUN, { kind: 'gone', ...fate });
    left.lookIntoAll();
    await advance(0);
    await advance(1_999);
    expect(endOfRun()).toBeNull();
    await advance(1);
    expect(endOfRun()).toMatchObject({ kind: 'lost', started: fate.started, cause });
  });

  it('keep the end that is on disk', async () => {
    putEndOnDisk();
    left.lookIntoAll();
    await advance(0);
    expect(endOfRun()).toMatchObject({ kind: 'spawnFailed' });
  });

  it('keep an end record that reaches the disk late', async () => {
    left.lookIntoAll();
    await advance(0);
    putEndOnDisk();
    await advance(2_000);
    expect(endOfRun()).toMatchObject({ kind: 'spawnFailed' });
  });

  it('are asked for again while nobody answers, and never called lost for that', async () => {
    starter.resumeError = new Error('no supervisor');
    left.lookIntoAll();
    await advance(60_000);
    expect(endOfRun()).toBeNull();
    starter.resumeError = null;
    starter.fates.set(RUN, { kind: 'running' });
    await advance(250);
    expect(starter.isRunning(RUN)).toBe(true);
  });

  it('are asked for again when they go out of sight a second time', async () => {
    starter.fates.set(RUN, { kind: 'running' });
    left.lookInto(RUN);
    await advance(0);
    starter.fates.set(RUN, { kind: 'gone', started: true, isOfThisBoot: true });
    left.lookInto(RUN);
    await advance(0);
    await advance(2_000);
    expect(endOfRun()).toMatchObject({ kind: 'lost', started: true });
  });

  it('are left for the next start when the agent stops', async () => {
    left.lookIntoAll();
    left.close();
    await advance(10_000);
    expect(endOfRun()).toBeNull();
  });
});

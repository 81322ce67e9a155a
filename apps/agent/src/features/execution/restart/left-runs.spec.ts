import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock } from '@scriptmesh/testing';
import { AgentHome, KeptLog, runIdOf } from '../../../test-support/agent-home.js';
import { openTestJournal } from '../../../test-support/open-test-journal.js';
import type { EndRecord, Journal } from '../../journal/index.js';
import { LeftRuns } from './left-runs.js';
import { ProcessTable, type LeftProcess } from './process-table.js';

const RUN = runIdOf(1);

class ScriptedTable extends ProcessTable {
  process: LeftProcess | undefined;
  endOnDisk: EndRecord | undefined;
  readonly signals: string[] = [];
  override async find(): Promise<LeftProcess | undefined> {
    return this.process;
  }
  override signal(_: unknown, __: unknown, signal: string): void {
    this.signals.push(signal);
  }
  override async findEnd(): Promise<EndRecord | undefined> {
    return this.endOnDisk;
  }
}

describe('runs left over by an earlier life of the agent', () => {
  let home: AgentHome;
  let spool: string;
  let journal: Journal;
  let clock: MovedClock;
  let table: ScriptedTable;
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

  beforeEach(async () => {
    home = new AgentHome();
    spool = mkdtempSync(join(tmpdir(), 'scriptmesh-left-'));
    journal = await openTestJournal(spool);
    await journal.writeIntent({ runId: RUN, receipt: 'r', script: 's', scriptSha: 'a'.repeat(64), timeoutMs: 10_000 });
    clock = new MovedClock();
    table = new ScriptedTable();
    left = new LeftRuns(journal, table, clock, home.settings({ killGraceSeconds: 2 }), new KeptLog());
  });
  afterEach(() => {
    rmSync(spool, { recursive: true, force: true });
    home.remove();
  });

  it('are lost after two seconds without a process, not started when no start is on record', async () => {
    left.lookIntoAll();
    await advance(0);
    await advance(1_999);
    expect(endOfRun()).toBeNull();
    await advance(1);
    expect(endOfRun()).toMatchObject({ kind: 'lost', started: false });
  });

  it('are lost as started when their process is gone but on record', async () => {
    table.process = { pid: 5, isAlive: false, ageMs: null };
    left.lookIntoAll();
    await advance(0);
    await advance(2_000);
    expect(endOfRun()).toMatchObject({ kind: 'lost', started: true });
  });

  it('keep an end record that reaches the disk late', async () => {
    left.lookIntoAll();
    await advance(0);
    table.endOnDisk = { kind: 'spawnFailed', code: 'run/start-failed', why: 'no' };
    await advance(2_000);
    expect(endOfRun()).toMatchObject({ kind: 'spawnFailed' });
  });

  it('are left alone while their process lives, and lost as started when it ends', async () => {
    table.process = { pid: 5, isAlive: true, ageMs: 1 };
    left.lookIntoAll();
    await advance(0);
    for (let second = 0; second < 5; second += 1) await advance(1_000);
    expect(endOfRun()).toBeNull();
    expect(table.signals).toEqual([]);
    table.process = { pid: 5, isAlive: false, ageMs: null };
    await advance(1_000);
    expect(endOfRun()).toMatchObject({ kind: 'lost', started: true });
  });

  it.each(['cancelled', 'over its time'])('are killed by TERM, then KILL after the grace, when %s', async (why) => {
    table.process = { pid: 5, isAlive: true, ageMs: why === 'cancelled' ? 1 : 10_001 };
    left.lookIntoAll();
    if (why === 'cancelled') left.kill(RUN);
    await advance(0);
    expect(table.signals).toEqual(['SIGTERM']);
    await advance(1_000);
    expect(table.signals).toEqual(['SIGTERM']);
    await advance(1_000);
    expect(table.signals).toEqual(['SIGTERM', 'SIGKILL']);
  });
});

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MeshError, type RunId } from '@scriptmesh/contracts';
import { CountedIds, MovedClock } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentHome, KeptLog, runIdOf } from '../../../test-support/agent-home.js';
import { aSpoolDisk, openTestJournal } from '../../../test-support/open-test-journal.js';
import { FakeStarter } from '../../../test-support/fake-starter.js';
import type { EndRecord, Journal } from '../../journal/index.js';
import { OrchestratorTime, WelcomeGate } from '../../link/index.js';
import { ManifestReader, type RunnableScript } from '../../manifest/index.js';
import { SpoolSpace } from '../../journal/index.js';
import { OtelTracing } from '@scriptmesh/tracing';
import { RunSpans } from '../domain/run-spans.js';
import { Slots } from '../domain/slots.js';
import type { AgentParts } from '../offer/agent-parts.js';
import { LeftRuns } from '../restart/left-runs.js';
import { LocalRuns } from './local-runs.js';

const EXIT: EndRecord = {
  kind: 'exit',
  code: 0,
  signal: null,
  killedBy: null,
  lengths: { stdout: 0, stderr: 0 },
  sha256: { stdout: '0'.repeat(64), stderr: '0'.repeat(64) },
  dropped: { stdout: 0, stderr: 0 },
  durationMs: 1,
};

class OneScript extends ManifestReader {
  override get sha256(): null {
    return null;
  }
  override async checkScript(name: string): Promise<RunnableScript> {
    if (name !== 's') throw new MeshError('script/not-found', 'no such script');
    return {
      name,
      file: '/x',
      sha256: 'c'.repeat(64),
      version: '1',
      argv: ['/x'],
      timeoutMs: null,
      maxConcurrent: null,
    };
  }
  override async report(): Promise<never> {
    throw new Error('not asked for here');
  }
  override onChange(): void {}
}
class EnoughSpace extends SpoolSpace {
  override async diskFree(): Promise<null> {
    return null;
  }
  override async spoolBytes(): Promise<number> {
    return 0;
  }
}

describe('runs asked for on the node', () => {
  let home: AgentHome;
  let spool: string;
  let journal: Journal;
  let starter: FakeStarter;
  let slots: Slots;
  let local: LocalRuns;

  const begin = async (): Promise<void> => {
    journal = await openTestJournal(spool, { disk: aSpoolDisk(), keptRecords: 1 });
    starter = new FakeStarter();
    slots = new Slots(1);
    const clock = new MovedClock();
    const settings = home.settings();
    const log = new KeptLog();
    const parts: AgentParts = {
      journal,
      space: new EnoughSpace(),
      manifest: new OneScript(),
      slots,
      starter,
      leftRuns: new LeftRuns(journal, starter, clock, settings, log),
      time: new OrchestratorTime(clock),
      gate: new WelcomeGate(),
      settings,
      log,
      spans: new RunSpans(new OtelTracing()),
    };
    journal.onEnd((runId) => slots.release(runId));
    local = new LocalRuns(parts, new CountedIds());
    local.begin();
  };
  beforeEach(async () => {
    home = new AgentHome();
    spool = mkdtempSync(join(tmpdir(), 'scriptmesh-local-'));
    await begin();
  });
  afterEach(async () => {
    rmSync(spool, { recursive: true, force: true });
    await home.remove();
  });

  const started = async (count: number): Promise<void> => {
    await expect.poll(() => starter.orders.length, { interval: 1 }).toBe(count);
  };
  const endOf = async (index: number): Promise<void> => {
    const { runId } = starter.orders[index] as { runId: RunId };
    await journal.writeEnd(runId, EXIT);
  };

  it('has an intent on record, origin local, before the start, and nothing of it afterwards', async () => {
    const running = local.run('s');
    await started(1);
    const [open] = journal.open();
    expect(open).toMatchObject({ kind: 'intent', origin: 'local', script: 's', end: null });
    expect(journal.recordCount).toBe(0);
    await endOf(0);
    const { runId, end, folder } = await running;
    expect(end).toEqual(EXIT);
    expect(existsSync(folder)).toBe(true);
    await local.forget(runId);
    expect(existsSync(folder)).toBe(false);
    expect(journal.find(runId)).toBeUndefined();
  });

  it('does not raise the count or the floor that the orchestrator compares', async () => {
    await journal.writeFence(runIdOf(0xffff), 'r'.repeat(43), { by: 'cancel', belowFloor: false });
    const running = local.run('s');
    await started(1);
    await endOf(0);
    await local.forget((await running).runId);
    const again = await openTestJournal(spool, { disk: aSpoolDisk(), keptRecords: 1 });
    expect([again.recordCount, again.floor]).toEqual([1, null]);
  });

  it('waits for a slot, and turns away more than 64 who wait', async () => {
    const first = local.run('s');
    await started(1);
    const waiting = Array.from({ length: 64 }, () => local.run('s'));
    await expect(local.run('s')).rejects.toMatchObject({ code: 'agent/busy' });
    for (let i = 0; i < 65; i += 1) {
      await started(i + 1);
      await endOf(i);
    }
    const ends = await Promise.all([first, ...waiting]);
    expect(new Set(ends.map(({ runId }) => runId)).size).toBe(65);
    expect(slots.free).toBe(1);
  });

  it('records nothing and holds no slot for a script that is not in the manifest', async () => {
    await expect(local.run('other')).rejects.toMatchObject({ code: 'script/not-found' });
    expect(journal.open()).toEqual([]);
    expect(slots.free).toBe(1);
  });

  it('takes away what an earlier life of the agent has left, once it has an end', async () => {
    const lost = local.run('s');
    lost.catch(() => {});
    await started(1);
    const { runId } = starter.orders[0] as { runId: RunId };
    await begin();
    expect(journal.find(runId)).toMatchObject({ origin: 'local' });
    await journal.writeEnd(runId, { kind: 'lost', started: false, why: 'w' });
    await expect.poll(() => journal.find(runId)).toBeUndefined();
    expect(existsSync(join(spool, runId))).toBe(false);
  });
});

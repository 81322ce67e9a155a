import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  MeshError,
  type AgentId,
  type FromAgent,
  type JournalId,
  type Of,
  type RunId,
  type ToAgentHeader,
} from '@scriptmesh/contracts';
import { OtelTracing } from '@scriptmesh/tracing';
import { MovedClock } from '@scriptmesh/testing';
import { AgentHome, KeptLog, runIdOf } from '../../../test-support/agent-home.js';
import { aSpoolDisk, openTestJournal } from '../../../test-support/open-test-journal.js';
import { FakeStarter } from '../../../test-support/fake-starter.js';
import { SpoolSpace, type Journal, type SpoolDisk } from '../../journal/index.js';
import { OrchestratorTime, WelcomeGate } from '../../link/index.js';
import { ManifestReader, type RunnableScript } from '../../manifest/index.js';
import { RunSpans } from '../domain/run-spans.js';
import { Slots } from '../domain/slots.js';
import { receiveAsk } from '../receive-ask.js';
import { receiveCancel } from '../receive-cancel.js';
import { LeftRuns } from '../restart/left-runs.js';
import type { AgentParts } from './agent-parts.js';
import { receiveOffer } from './receive-offer.js';

const RECEIPT = 'r'.repeat(43);
const NOW = 1_000_000;

class MemoryManifest extends ManifestReader {
  maxConcurrent: number | null = null;
  timeoutMs: number | null = null;
  override get sha256(): null {
    return null;
  }
  override async checkScript(name: string): Promise<RunnableScript> {
    if (name === 'broken')
      throw new MeshError('manifest/hash-mismatch', 'broken is not the file that the manifest names');
    return {
      name,
      file: '/x',
      sha256: 'c'.repeat(64),
      version: '1',
      argv: ['/x'],
      timeoutMs: this.timeoutMs,
      maxConcurrent: this.maxConcurrent,
    };
  }
  override async report(): Promise<never> {
    throw new Error('not asked for here');
  }
  override onChange(): void {}
}
class MemorySpace extends SpoolSpace {
  free: number | null = 1_000_000;
  bytes = 0;
  override async diskFree(): Promise<number | null> {
    return this.free;
  }
  override async spoolBytes(): Promise<number> {
    return this.bytes;
  }
}

describe('offers, cancels and asks', () => {
  let home: AgentHome;
  let spool: string;
  let disk: SpoolDisk;
  let journal: Journal;
  let manifest: MemoryManifest;
  let space: MemorySpace;
  let starter: FakeStarter;
  let parts: AgentParts;

  const envelope = (journalId: JournalId | null = journal.journalId) =>
    ({ v: 1, agentId: runIdOf(9) as string as AgentId, keyId: '', journalId, now: NOW, storeSeq: 0 }) as const;
  const offer = async (n: number, more: Partial<Of<ToAgentHeader, 'offer'>> = {}): Promise<FromAgent> => {
    const header = {
      ...envelope(),
      kind: 'offer',
      runId: runIdOf(n),
      receipt: RECEIPT,
      script: 's',
      params: {},
      deliverBy: NOW,
      timeoutMs: null,
      ...more,
    } as const;
    const [answer, ...others] = await receiveOffer(header, parts);
    expect(others).toEqual([]);
    return answer?.message as FromAgent;
  };
  const cancel = async (
    runId: RunId,
    why: 'cancelled' | 'expired',
    journalId = journal.journalId,
  ): Promise<FromAgent | undefined> =>
    (await receiveCancel({ ...envelope(journalId), kind: 'cancel', runId, receipt: RECEIPT, why }, parts))[0]?.message;
  const ask = async (runId: RunId, journalId = journal.journalId): Promise<FromAgent | undefined> =>
    (
      await receiveAsk({ ...envelope(journalId), kind: 'ask', runId, receipt: RECEIPT, askedWhile: 'running' }, parts)
    )[0]?.message;
  const OTHER = 'f'.repeat(32) as JournalId;

  beforeEach(async () => {
    home = new AgentHome();
    spool = mkdtempSync(join(tmpdir(), 'scriptmesh-offer-'));
    disk = aSpoolDisk();
    journal = await openTestJournal(spool, { disk, keptRecords: 1 });
    manifest = new MemoryManifest();
    space = new MemorySpace();
    starter = new FakeStarter();
    const clock = new MovedClock();
    const settings = home.settings({ maxConcurrentRuns: 2, diskReserveBytes: 1000, spoolMaxBytes: 5000 });
    const log = new KeptLog();
    const time = new OrchestratorTime(clock);
    time.hear(NOW);
    const leftRuns = new LeftRuns(journal, starter, clock, settings, log);
    parts = {
      journal,
      space,
      manifest,
      slots: new Slots(2),
      starter,
      leftRuns,
      time,
      gate: new WelcomeGate(),
      settings,
      log,
      spans: new RunSpans(new OtelTracing()),
    };
    parts.gate.open();
  });
  afterEach(async () => {
    rmSync(spool, { recursive: true, force: true });
    await home.remove();
  });

  it('accepts with the smaller of both time limits, on record before the start', async () => {
    manifest.timeoutMs = 5000;
    expect(await offer(1, { timeoutMs: 9000 })).toMatchObject({
      kind: 'accepted',
      timeoutMs: 5000,
      scriptSha: 'c'.repeat(64),
    });
    expect(await offer(2, { timeoutMs: 3000 })).toMatchObject({ kind: 'accepted', timeoutMs: 3000 });
    expect(starter.orders.map(({ timeoutMs }) => timeoutMs)).toEqual([5000, 3000]);
    expect(journal.find(runIdOf(1))).toMatchObject({ kind: 'intent', timeoutMs: 5000, scriptSha: 'c'.repeat(64) });
  });

  it('looks at the record before all else: also for a late offer of another journal', async () => {
    await offer(1);
    expect(await offer(1, { journalId: OTHER, deliverBy: 0, script: 'broken' })).toMatchObject({ kind: 'accepted' });
    expect(starter.orders).toHaveLength(1);
  });

  it('answers an unknown run of another journal with a mismatch, records nothing and wants a hello', async () => {
    expect(await offer(1, { journalId: OTHER })).toMatchObject({ kind: 'journal/mismatch', receipt: RECEIPT });
    expect(await cancel(runIdOf(1), 'expired', OTHER)).toMatchObject({ kind: 'journal/mismatch' });
    expect(await ask(runIdOf(1), OTHER)).toMatchObject({ kind: 'journal/mismatch' });
    expect(journal.recordCount).toBe(0);
    expect(parts.gate.isHelloWanted).toBe(true);
  });

  it('fences what is below the floor, and says that it cannot know', async () => {
    for (const n of [5, 6]) await cancel(runIdOf(n), 'expired');
    expect(journal.floor).toBe(runIdOf(5));
    expect(await offer(4)).toMatchObject({ kind: 'refused', code: 'run/stale', belowFloor: true });
    expect(await cancel(runIdOf(3), 'cancelled')).toMatchObject({ kind: 'never', belowFloor: true });
    expect(starter.orders).toEqual([]);
  });

  it('takes an offer at its last millisecond and refuses it one later', async () => {
    expect(await offer(1)).toMatchObject({ kind: 'accepted' });
    expect(await offer(2, { deliverBy: NOW - 1 })).toMatchObject({
      kind: 'refused',
      code: 'run/stale',
      belowFloor: false,
    });
  });

  it('leaves an offer that is not late by its own time to the welcome, which tells whether the clock was set back', async () => {
    const header = { deliverBy: NOW - 1, now: NOW - 10 };
    expect(await offer(1, header)).toBeUndefined();
    expect([journal.recordCount, parts.gate.isHelloWanted]).toEqual([0, true]);
    parts.time.hearAnswer(NOW - 5, 0);
    expect(await offer(1, header)).toMatchObject({ kind: 'accepted' });
  });

  it('never starts more at once than it has slots, and frees the slot of a refused run', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => offer(n)));
    expect(answers.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'busy', 'busy', 'busy']);
    parts.slots.release(runIdOf(1));
    expect(await offer(6, { script: 'broken' })).toMatchObject({ kind: 'refused', code: 'manifest/hash-mismatch' });
    expect(await offer(7)).toMatchObject({ kind: 'accepted' });
    expect(journal.find(runIdOf(3))).toBeUndefined();
  });

  it('keeps the limit of one script, without a record for what has to wait', async () => {
    manifest.maxConcurrent = 1;
    expect(await offer(1)).toMatchObject({ kind: 'accepted' });
    expect(await offer(2)).toMatchObject({ kind: 'busy' });
    expect(parts.slots.free).toBe(1);
    expect(journal.recordCount).toBe(1);
  });

  it('is busy without a record while as much output as is allowed waits to be shipped', async () => {
    space.bytes = 5000;
    expect(await offer(1)).toMatchObject({ kind: 'busy', freeSlots: 0 });
    expect(journal.find(runIdOf(1))).toBeUndefined();
    space.bytes = 4999;
    expect(await offer(1)).toMatchObject({ kind: 'accepted' });
  });

  it('is busy without a record when the disk is low or the intent cannot be written, and recovers', async () => {
    space.free = 999;
    expect(await offer(1)).toMatchObject({ kind: 'busy', freeSlots: 0 });
    space.free = null;
    const writeFile = disk.writeFile.bind(disk);
    disk.writeFile = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    expect(await offer(1)).toMatchObject({ kind: 'busy', freeSlots: 0 });
    expect(await offer(1, { script: 'broken' })).toMatchObject({ kind: 'busy', freeSlots: 0 });
    disk.writeFile = writeFile;
    expect(await offer(1)).toMatchObject({ kind: 'accepted' });
    expect(starter.orders).toHaveLength(1);
    expect(parts.slots.free).toBe(1);
  });

  it('refuses parameters that cannot be passed on, and shows no value of them', async () => {
    const answer = await offer(1, { params: { 'LD-PRELOAD': 'secret-value', good: 'x' } });
    expect(answer).toMatchObject({ kind: 'refused', code: 'params/invalid' });
    expect(JSON.stringify(answer)).not.toContain('secret-value');
    expect(await offer(2, { params: JSON.parse('{"__proto__":"x"}') as Record<string, unknown> })).toMatchObject({
      code: 'params/invalid',
    });
  });

  it('kills a cancelled run, fences an unknown one and leaves an expired one alone', async () => {
    await offer(1);
    expect(await cancel(runIdOf(1), 'expired')).toMatchObject({ kind: 'accepted' });
    expect(starter.kills).toEqual([]);
    expect(await cancel(runIdOf(1), 'cancelled')).toMatchObject({ kind: 'accepted' });
    expect(starter.kills).toEqual([{ runId: runIdOf(1), why: 'cancelled' }]);
    expect(await cancel(runIdOf(2), 'cancelled')).toMatchObject({ kind: 'never', belowFloor: false });
    expect(await offer(2)).toMatchObject({ kind: 'never' });
  });

  it('answers an ask with the record, or says that there is none', async () => {
    expect(await ask(runIdOf(1))).toMatchObject({ kind: 'absent', askedWhile: 'running' });
    expect(journal.recordCount).toBe(0);
    await offer(1);
    expect(await ask(runIdOf(1))).toMatchObject({ kind: 'accepted' });
    await journal.writeEnd(runIdOf(1), { kind: 'lost', started: true, why: 'w' });
    expect(await ask(runIdOf(1))).toMatchObject({ kind: 'lost', started: true });
    await journal.settle(runIdOf(1));
    expect(await offer(1)).toMatchObject({ kind: 'lost', started: true });
  });

  it('does not start a run again when the hand-over of its start breaks', async () => {
    starter.startError = new Error('broke');
    expect(await offer(1)).toMatchObject({ kind: 'accepted' });
    expect(await offer(1)).toMatchObject({ kind: 'accepted' });
    expect(starter.orders).toHaveLength(1);
  });
});

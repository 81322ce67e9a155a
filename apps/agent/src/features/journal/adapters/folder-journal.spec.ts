import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { armFailpoints } from '@scriptmesh/failpoints';
import { CountedIds } from '@scriptmesh/testing';
import { runIdOf } from '../../../test-support/agent-home.js';
import { crashingDisk } from '../../../test-support/crashing-disk.js';
import type { EndRecord } from '../domain/end-record.js';
import type { SpoolDisk } from '../spool-disk.js';
import { FolderJournal } from './folder-journal.js';
import { NodeSpoolDisk } from './node-spool-disk.js';

const RECEIPT = 'r'.repeat(43);
const END: EndRecord = { kind: 'lost', started: true, why: 'a test' };
const intentOf = (n: number) => ({
  runId: runIdOf(n),
  receipt: RECEIPT,
  script: 's',
  scriptSha: 'a'.repeat(64),
  timeoutMs: 5,
});
const FENCE = { by: 'cancel', belowFloor: false } as const;

describe('the journal in folders', () => {
  let spool: string;
  const ids = new CountedIds();
  const open = (more: { disk?: SpoolDisk; keptRecords?: number } = {}) =>
    FolderJournal.open({ spool, disk: new NodeSpoolDisk(), ids, keptRecords: 100, ...more });
  const endRun = async (journal: FolderJournal, n: number): Promise<void> => {
    await journal.writeIntent(intentOf(n));
    await journal.writeEnd(runIdOf(n), END);
  };

  beforeEach(() => {
    spool = join(mkdtempSync(join(tmpdir(), 'scriptmesh-spool-')), 'spool');
  });
  afterEach(() => rmSync(join(spool, '..'), { recursive: true, force: true }));

  it('keeps its id, count and records over a restart', async () => {
    const journal = await open();
    await journal.writeIntent(intentOf(1));
    await journal.writeFence(runIdOf(2), RECEIPT, FENCE);
    await endRun(journal, 3);
    await journal.settle(runIdOf(3));
    const again = await open();

    expect(again.journalId).toBe(journal.journalId);
    expect(again.recordCount).toBe(3);
    expect(again.find(runIdOf(1))).toEqual({ kind: 'intent', ...intentOf(1), end: null });
    expect(again.find(runIdOf(2))).toMatchObject({ kind: 'fence', fence: FENCE });
    expect(again.find(runIdOf(3))).toMatchObject({ kind: 'done', end: END, receipt: RECEIPT });
    expect(again.open().map(({ runId }) => runId)).toEqual([runIdOf(1)]);
    expect(readdirSync(join(spool, runIdOf(3)))).toEqual(['done']);
  });

  it('has the intent or nothing, whatever step the power goes at, and never says so falsely', async () => {
    for (let step = 0; ; step += 1) {
      const runId = runIdOf(100 + step);
      const countBefore = (await open()).recordCount;
      const crashing = crashingDisk(new NodeSpoolDisk(), step);
      const journal = await open({ disk: crashing.disk });
      const isWritten = await journal.writeIntent(intentOf(100 + step)).then(
        () => true,
        () => false,
      );
      const again = await open();
      if (isWritten) expect(again.find(runId)).toMatchObject({ kind: 'intent', end: null });
      else if (again.find(runId)) expect(again.find(runId)).toMatchObject({ kind: 'intent', ...intentOf(100 + step) });
      else expect(existsSync(join(spool, runId))).toBe(false);
      expect(again.recordCount).toBeGreaterThanOrEqual(Math.max(countBefore, isWritten ? journal.recordCount : 0));
      expect(isWritten).toBe(!crashing.hasCrashed());
      if (isWritten) return expect(step).toBeGreaterThan(5);
    }
  });

  it('has the end or the done record after a crash at any step of settling, and never forgets the run', async () => {
    for (let step = 0; ; step += 1) {
      const n = 100 + step;
      await endRun(await open(), n);
      const crashing = crashingDisk(new NodeSpoolDisk(), step);
      const journal = await open({ disk: crashing.disk });
      await journal.settle(runIdOf(n)).catch(() => undefined);
      const again = await open();
      const record = again.find(runIdOf(n));
      expect(record).toMatchObject({ end: END });
      expect(again.recordCount).toBe(step + 1);
      if (record?.kind === 'intent') await again.settle(runIdOf(n));
      if (!crashing.hasCrashed()) return expect(step).toBeGreaterThan(5);
    }
  });

  it('prunes by count in id order, and a forgotten run is always below a durable floor', async () => {
    for (let step = 0; ; step += 1) {
      rmSync(spool, { recursive: true, force: true });
      const before = await open({ keptRecords: 2 });
      await before.writeFence(runIdOf(7), RECEIPT, FENCE);
      await before.writeFence(runIdOf(5), RECEIPT, FENCE);
      const crashing = crashingDisk(new NodeSpoolDisk(), step);
      const journal = await open({ keptRecords: 2, disk: crashing.disk });
      await journal.writeFence(runIdOf(6), RECEIPT, FENCE).catch(() => undefined);
      const again = await open({ keptRecords: 2 });
      for (const n of [5, 7])
        expect(again.find(runIdOf(n)) !== undefined || (again.floor ?? '') >= runIdOf(n)).toBe(true);
      expect(again.recordCount).toBeGreaterThanOrEqual(2);
      if (crashing.hasCrashed()) continue;
      expect(again.floor).toBe(runIdOf(5));
      expect(again.find(runIdOf(5))).toBeUndefined();
      expect(again.recordCount).toBe(3);
      return;
    }
  });

  it('never lets its count go back when the records that carried it are pruned', async () => {
    const journal = await open({ keptRecords: 1 });
    for (let n = 1; n <= 9; n += 1) await journal.writeFence(runIdOf(20 - n), RECEIPT, FENCE);
    const again = await open({ keptRecords: 1 });
    expect([journal.recordCount, again.recordCount]).toEqual([9, 9]);
  });

  it('takes back an intent that could not be made durable, so that its offer may be answered with busy', async () => {
    let failures = 1;
    const disk = new NodeSpoolDisk();
    const syncFolder = disk.syncFolder.bind(disk);
    disk.syncFolder = (path) =>
      failures-- > 0 ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) : syncFolder(path);
    const spoolReady = await FolderJournal.open({ spool, disk: new NodeSpoolDisk(), ids, keptRecords: 9 });
    expect(spoolReady.recordCount).toBe(0);
    const journal = await open({ disk });

    await expect(journal.writeIntent(intentOf(1))).rejects.toMatchObject({ code: 'store/full' });
    expect(journal.find(runIdOf(1))).toBeUndefined();
    expect((await open()).find(runIdOf(1))).toBeUndefined();
    await journal.writeIntent(intentOf(1));
    expect(journal.recordCount).toBe(1);
  });

  it('has each of several intents or nothing of it, whatever step the power goes at while they are written together', async () => {
    for (let step = 0; ; step += 1) {
      rmSync(spool, { recursive: true, force: true });
      await open();
      const crashing = crashingDisk(new NodeSpoolDisk(), step);
      const journal = await open({ disk: crashing.disk });
      const outcomes = await Promise.allSettled([1, 2, 3, 4].map((n) => journal.writeIntent(intentOf(n))));
      const again = await open();
      outcomes.forEach(({ status }, at) => {
        const record = again.find(runIdOf(at + 1));
        if (status === 'fulfilled') expect(record).toMatchObject({ kind: 'intent', ...intentOf(at + 1), end: null });
        else if (!record) expect(existsSync(join(spool, runIdOf(at + 1)))).toBe(false);
      });
      expect(again.recordCount).toBeGreaterThanOrEqual(journal.recordCount);
      if (crashing.hasCrashed()) continue;
      expect(again.recordCount).toBe(4);
      return expect(step).toBeGreaterThan(20);
    }
  });

  it('counts those of several intents that could be written, and takes back the one that could not', async () => {
    const disk = new NodeSpoolDisk();
    const link = disk.link.bind(disk);
    disk.link = (from, to) =>
      to.includes(runIdOf(2)) ? Promise.reject(Object.assign(new Error('broken'), { code: 'EIO' })) : link(from, to);
    const journal = await open({ disk });
    const outcomes = await Promise.allSettled([1, 2, 3].map((n) => journal.writeIntent(intentOf(n))));

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const again = await open();
    expect(again.open().map(({ runId }) => runId)).toEqual([runIdOf(1), runIdOf(3)]);
    expect(existsSync(join(spool, runIdOf(2)))).toBe(false);
    expect(again.recordCount).toBe(journal.recordCount);
    await journal.writeIntent(intentOf(4));
    expect((await open()).recordCount).toBe(journal.recordCount);
  });

  it('gives a run one record, also when two are asked for at once', async () => {
    const journal = await open();
    const outcomes = await Promise.allSettled([
      journal.writeIntent(intentOf(1)),
      journal.writeFence(runIdOf(1), RECEIPT, FENCE),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await open()).find(runIdOf(1))).toMatchObject({ kind: 'intent' });
  });

  it('lets no new run wait for the settling of an old one', async () => {
    const disk = new NodeSpoolDisk();
    const journal = await open({ disk });
    await endRun(journal, 1);
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const link = disk.link.bind(disk);
    disk.link = async (from, to) => {
      if (to.endsWith('done')) await held;
      return link(from, to);
    };
    const settled = journal.settle(runIdOf(1));
    await journal.writeIntent(intentOf(2));
    expect(journal.find(runIdOf(1))).toMatchObject({ kind: 'intent', end: END });
    letGo();
    await settled;
    expect((await open()).find(runIdOf(1))).toMatchObject({ kind: 'done', end: END });
  });

  it('leaves the record of another agent that works on the same spool', async () => {
    const [one, another] = [await open(), await open()];
    await one.writeIntent(intentOf(1));
    await expect(another.writeIntent(intentOf(1))).rejects.toMatchObject({ code: 'store/unavailable' });
    expect((await open()).find(runIdOf(1))).toMatchObject({ kind: 'intent', ...intentOf(1) });
  });

  it('settles a run on a disk that is full of its output, and leaves nothing behind when it cannot', async () => {
    const disk = new NodeSpoolDisk();
    const journal = await open({ disk });
    await endRun(journal, 1);
    const folder = join(spool, runIdOf(1));
    writeFileSync(join(folder, 'stdout'), 'acknowledged');
    let isFullForever = true;
    const writeFile = disk.writeFile.bind(disk);
    disk.writeFile = async (path, content, options) => {
      await writeFile(path, content, options);
      const isFull = isFullForever || existsSync(join(folder, 'stdout'));
      if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    };

    await expect(journal.settle(runIdOf(1))).rejects.toMatchObject({ code: 'store/full' });
    expect(readdirSync(folder).toSorted()).toEqual(['end', 'intent']);
    expect((await FolderJournal.open({ spool, disk: new NodeSpoolDisk(), ids, keptRecords: 9 })).open()).toHaveLength(
      1,
    );
    isFullForever = false;
    writeFileSync(join(folder, 'stdout'), 'acknowledged');
    await journal.settle(runIdOf(1));
    expect(readdirSync(folder)).toEqual(['done']);
    expect(journal.find(runIdOf(1))).toMatchObject({ kind: 'done', end: END });
  });

  it('settles a run whose folder somebody has removed, so that its record is there at the next start', async () => {
    const journal = await open();
    await endRun(journal, 1);
    rmSync(join(spool, runIdOf(1)), { recursive: true });
    await journal.settle(runIdOf(1));
    const again = await open();
    expect([again.find(runIdOf(1)), again.recordCount]).toMatchObject([
      { kind: 'done', end: END },
      journal.recordCount,
    ]);
  });

  it('counts a broken record as what its name says, and cleans half-written ones', async () => {
    const journal = await open();
    await journal.writeIntent(intentOf(1));
    await endRun(journal, 2);
    await journal.writeFence(runIdOf(3), RECEIPT, FENCE);
    writeFileSync(join(spool, runIdOf(1), 'intent'), '{"n":1,"runId"');
    writeFileSync(join(spool, runIdOf(2), 'end'), '');
    writeFileSync(join(spool, runIdOf(3), 'fence'), 'null');
    mkdirSync(join(spool, runIdOf(4)));
    writeFileSync(join(spool, runIdOf(4), 'intent.tmp'), '{}');
    const again = await open();

    expect(again.find(runIdOf(1))).toMatchObject({ kind: 'intent', receipt: '', end: null });
    expect(again.find(runIdOf(2))).toMatchObject({ kind: 'intent', end: null });
    expect(again.find(runIdOf(3))).toMatchObject({ kind: 'fence' });
    expect(existsSync(join(spool, runIdOf(4)))).toBe(false);
    expect(again.faults).toHaveLength(3);
  });

  it('settles a run at the next try when the disk failed after the record had its name', async () => {
    const journal = await open();
    await endRun(journal, 1);
    armFailpoints({ points: [{ point: 'journal.done-linked', action: 'error', delayMs: 0, onHit: 1 }], log: null });
    await expect(journal.settle(runIdOf(1))).rejects.toMatchObject({ code: 'store/unavailable' });
    await journal.settle(runIdOf(1));
    expect(readdirSync(join(spool, runIdOf(1)))).toEqual(['done']);
    expect(journal.open()).toEqual([]);
  });

  it('cleans a fence whose writer died before it was tidied up', async () => {
    await (await open()).writeFence(runIdOf(1), RECEIPT, FENCE);
    writeFileSync(join(spool, runIdOf(1), 'fence.tmp'), '{}');
    expect((await open()).find(runIdOf(1))).toMatchObject({ kind: 'fence', fence: FENCE });
    expect(readdirSync(join(spool, runIdOf(1)))).toEqual(['fence']);
  });

  it('takes a new id when its state cannot be read, and when it is asked to, and keeps its count', async () => {
    const journal = await open();
    await journal.writeFence(runIdOf(1), RECEIPT, FENCE);
    const first = journal.journalId;
    await journal.mintNewJournal();
    const second = (await open()).journalId;
    writeFileSync(join(spool, 'journal.json'), '{');
    const third = await open();

    expect(new Set([first, second, third.journalId]).size).toBe(3);
    expect(third.recordCount).toBe(1);
    expect(third.faults).toHaveLength(1);
  });

  it('keeps the first end that is on record', async () => {
    const journal = await open();
    await endRun(journal, 1);
    await journal.writeEnd(runIdOf(1), { ...END, why: 'another' });
    journal.noteEnd(runIdOf(1), { ...END, why: 'a third' });
    expect(journal.find(runIdOf(1))).toMatchObject({ end: END });
  });

  it('opens a spool of 10 000 records within two seconds', async () => {
    await open();
    for (let n = 1; n <= 10_000; n += 1) {
      mkdirSync(join(spool, runIdOf(n)));
      const record = { n, runId: runIdOf(n), receipt: RECEIPT, end: END };
      writeFileSync(join(spool, runIdOf(n), 'done'), JSON.stringify(record));
    }
    const startedMs = performance.now();
    const journal = await open({ keptRecords: 10_000 });
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(journal.recordCount).toBe(10_000);
  }, 20_000);
});

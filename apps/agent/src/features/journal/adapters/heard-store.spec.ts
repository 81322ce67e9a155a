import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentId } from '@scriptmesh/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runIdOf } from '../../../test-support/agent-home.js';
import { openTestJournal } from '../../../test-support/open-test-journal.js';
import type { Journal } from '../journal.js';

const RECEIPT = 'r'.repeat(43);
const AGENT = runIdOf(9) as string as AgentId;
const heard = (storeSeq: number) => ({ agentId: AGENT, storeSeq, proof: `p${storeSeq}` });
const intent = (n: number) => ({
  runId: runIdOf(n),
  receipt: RECEIPT,
  script: 's',
  scriptSha: 'a'.repeat(64),
  timeoutMs: 5,
});

describe('what the journal has heard of the store, over restarts', () => {
  let spool: string;
  const open = (keptRecords = 100): Promise<Journal> => openTestJournal(spool, { keptRecords });
  const heardSeq = async (): Promise<number | undefined> => (await open()).heardStore(AGENT)?.storeSeq;

  beforeEach(() => {
    spool = mkdtempSync(join(tmpdir(), 'scriptmesh-heard-'));
  });
  afterEach(() => rmSync(spool, { recursive: true, force: true }));

  it('is as durable as the record that was written after it', async () => {
    const journal = await open();
    journal.noteHeardStore(heard(4));
    expect(await heardSeq()).toBeUndefined();
    await journal.writeIntent(intent(1));
    expect(await heardSeq()).toBe(4);
    journal.noteHeardStore(heard(5));
    await journal.writeFence(runIdOf(2), RECEIPT, { by: 'cancel', belowFloor: false });
    expect(await heardSeq()).toBe(5);
    journal.noteHeardStore(heard(6));
    await journal.writeEnd(runIdOf(1), { kind: 'lost', started: false, why: 'a test' });
    await journal.settle(runIdOf(1));
    expect(await heardSeq()).toBe(6);
  });

  it('outlives the pruning of the records that told it', async () => {
    const journal = await open(1);
    for (let n = 1; n <= 5; n += 1) {
      journal.noteHeardStore(heard(n === 1 ? 50 : n));
      await journal.writeFence(runIdOf(n), RECEIPT, { by: 'cancel', belowFloor: false });
    }
    expect(journal.find(runIdOf(1))).toBeUndefined();
    expect(await heardSeq()).toBe(50);
    expect((await open()).heardStore(AGENT)).toEqual(heard(50));
  });

  it('is read from spools that do not tell it yet, and from files that tell nonsense, as nothing', async () => {
    await (await open()).writeIntent(intent(1));
    const file = join(spool, runIdOf(1), 'intent');
    const record = JSON.parse(readFileSync(file, 'utf8')) as object;
    expect(record).not.toHaveProperty('heard');
    writeFileSync(file, JSON.stringify({ ...record, heard: { agentId: 'x', storeSeq: -1, proof: 5 } }));
    expect(await heardSeq()).toBeUndefined();
    expect((await open()).find(runIdOf(1))).toMatchObject({ kind: 'intent', receipt: RECEIPT });
  });
});

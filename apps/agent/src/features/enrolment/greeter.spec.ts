import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentId, FromAgent, JournalId } from '@scriptmesh/contracts';
import { MovedClock } from '@scriptmesh/testing';
import { KeptLog, runIdOf } from '../../test-support/agent-home.js';
import { openTestJournal } from '../../test-support/open-test-journal.js';
import type { Journal } from '../journal/index.js';
import { OrchestratorTime, WelcomeGate, type Outgoing } from '../link/index.js';
import { Greeter } from './greeter.js';

const START = '5'.repeat(32);
const SIGNS = { bootId: 'b', manifestSha: null, freeSlots: 1, spoolBytes: 0, diskFree: null, inventory: [] };

describe('hello and welcome', () => {
  let home: string;
  let journal: Journal;
  let gate: WelcomeGate;
  let clock: MovedClock;
  let time: OrchestratorTime;
  let greeter: Greeter;

  const envelope = () =>
    ({
      v: 1,
      agentId: runIdOf(9) as string as AgentId,
      keyId: '',
      journalId: journal.journalId,
      now: 0,
      storeSeq: 0,
    }) as const;
  const welcome = (more: {
    startId?: string;
    turn?: number;
    now?: number;
    epoch?: number;
    countSeen?: number;
    journalId?: JournalId;
  }) => greeter.receiveWelcome({ ...envelope(), kind: 'welcome', startId: START, epoch: 1, countSeen: 0, ...more });
  const kindsOf = (messages: readonly Outgoing[]): readonly FromAgent['kind'][] =>
    messages.map(({ message }) => message.kind);

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-greeter-'));
    journal = await openTestJournal(join(home, 'spool'));
    gate = new WelcomeGate();
    clock = new MovedClock();
    const signs = {
      hello: async (said: { startId: string; turn: number; epoch: number }): Promise<FromAgent> => ({
        kind: 'hello',
        ...said,
        ...SIGNS,
      }),
      heartbeat: async (): Promise<FromAgent> => ({ kind: 'heartbeat', ...SIGNS }),
      manifestNews: async () => ({
        message: { kind: 'manifest', manifestSha: null } as FromAgent,
        bytes: new Uint8Array(0),
      }),
    };
    time = new OrchestratorTime(clock);
    greeter = new Greeter(START, { journal, gate, signs, time, clock, log: new KeptLog() });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('says hello again when an orchestrator does not know its journal any more', async () => {
    await welcome({});
    expect(gate.isHelloWanted).toBe(false);
    expect(greeter.wantHello()).toEqual([]);
    expect(kindsOf(await greeter.takeWaiting(false))).toEqual(['hello']);
    await welcome({ epoch: 0, countSeen: -1 });
    await welcome({ epoch: 1 });
    expect([gate.isOpen, gate.isHelloWanted]).toEqual([true, false]);
  });

  it('believes a clock that was set back when it tells the time in the welcome to the last hello', async () => {
    time.hear(86_400_000);
    await greeter.hello();
    await greeter.hello();
    await clock.advance(20);
    await welcome({ now: 1000 });
    await welcome({ now: 1000, turn: 1 });
    expect(time.nowMs()).toBe(86_400_020);
    await welcome({ now: 1000, turn: 2 });
    expect(time.nowMs()).toBe(1020);
  });

  it('opens the gate on the welcome of this start and journal alone', async () => {
    await welcome({ startId: '6'.repeat(32) });
    await welcome({ journalId: 'f'.repeat(32) as JournalId });
    expect(gate.isOpen).toBe(false);
    expect(kindsOf(await welcome({}))).toEqual(['manifest']);
    expect(gate.isOpen).toBe(true);
    expect(await welcome({})).toEqual([]);
  });

  it('says hello again with the epoch it is told, once for each epoch', async () => {
    await greeter.hello();
    const [again] = await welcome({ epoch: 4, countSeen: -1 });
    expect(again?.message).toMatchObject({ kind: 'hello', epoch: 4, startId: START });
    expect(await welcome({ epoch: 4, countSeen: -1 })).toEqual([]);
    expect(gate.isOpen).toBe(false);
  });

  it('takes a new journal when the spool has fewer records than the orchestrator was told of', async () => {
    await journal.writeFence(runIdOf(1), '', { by: 'cancel', belowFloor: false });
    const before = journal.journalId;
    expect(kindsOf(await welcome({ countSeen: 2 }))).toEqual(['hello']);
    expect(journal.journalId).not.toBe(before);
    expect(gate.isOpen).toBe(false);
    await welcome({ countSeen: 1 });
    expect(gate.isOpen).toBe(true);
  });

  it('gives up its journal when it is retired, but not for another one', async () => {
    await welcome({});
    const retire = (retiredJournalId: JournalId) =>
      greeter.receiveRetired({ ...envelope(), kind: 'journal/retired', retiredJournalId });
    expect(await retire('f'.repeat(32) as JournalId)).toEqual([]);
    expect(gate.isOpen).toBe(true);
    const before = journal.journalId;
    expect(kindsOf(await retire(before))).toEqual(['hello']);
    expect(journal.journalId).not.toBe(before);
    expect(gate.isOpen).toBe(false);
  });

  it('answers a poll with a hello or a heartbeat, and not so often that two sides answer each other for ever', async () => {
    expect(kindsOf(await greeter.takeWaiting(true))).toEqual(['hello']);
    expect(await greeter.takeWaiting(false)).toEqual([]);
    await clock.advance(250);
    expect(kindsOf(await greeter.takeWaiting(false))).toEqual(['hello']);
    await welcome({});
    expect(kindsOf(await greeter.takeWaiting(true))).toEqual(['heartbeat']);
    expect(await greeter.takeWaiting(true)).toEqual([]);
    expect(await greeter.takeWaiting(false)).toEqual([]);
  });
});

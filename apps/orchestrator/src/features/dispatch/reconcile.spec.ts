import { Test, type TestingModule } from '@nestjs/testing';
import { SYSTEM_PRINCIPAL, type AgentId, type RunId, type SignOfLife, type ToAgentHeader } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aStoredRun } from '../../test-support/a-stored-run.js';
import { HeldLink, journal, SpeakingAgent } from '../../test-support/speaking-agent.js';
import { surroundingsOn, type Surroundings } from '../../test-support/surroundings.js';
import { RunsStore, RunWriter, unmoved, type Run } from '../runs/index.js';
import { DispatchModule } from './dispatch.module.js';
import { Overdue } from './overdue.js';
import { Reconcile } from './reconcile.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const idOf = (n: number): RunId => `019b7600-0000-7000-8000-${String(n).padStart(12, '0')}` as RunId;

describe('reconcile', () => {
  let db: Database;
  let around: Surroundings;
  let nest: TestingModule;
  let link: HeldLink;
  let agent: SpeakingAgent;

  const start = async (url: string | null): Promise<void> => {
    db = await openTestDatabase();
    around = surroundingsOn(db);
    link = new HeldLink();
    nest = await Test.createTestingModule({ imports: [around.module, DispatchModule] })
      .overrideProvider(HttpAgentLink)
      .useValue(link)
      .overrideProvider(AgentLink)
      .useValue(link)
      .compile();
    await nest.init();
    agent = new SpeakingAgent(AGENT, 'an-agent-key-for-tests-of-32-chars-1');
    await agent.insertInto(db, nest.get(SecretBox), nest.get(AgentKeyDigester), 'db-1', url);
    // As an earlier life of this program has left it: the agent says no hello to this one.
    const row = { journal_id: journal('a'), epoch: 1 };
    await db.write((trx) => trx.updateTable('agents').set(row).where('id', '=', AGENT).execute());
  };
  beforeEach(() => start('http://10.0.0.1:5001'));
  afterEach(async () => {
    await nest.close();
    await closeTestDatabase(db);
  });

  const insert = async (n: number, fields: Partial<Run> = {}): Promise<Run> => {
    const nowMs = around.clock.nowMs();
    const times = { createdAtMs: nowMs, dispatchedAtMs: nowMs, deliverByMs: nowMs + 600_000 };
    const run = aStoredRun(idOf(n), AGENT, { state: 'running', timeoutMs: 1000, ...times, ...fields });
    await nest.get(RunWriter).write(SYSTEM_PRINCIPAL, (runs) => Promise.resolve(runs.insert(unmoved(run))));
    return run;
  };
  const stored = async (n: number): Promise<Run> => (await nest.get(RunsStore).find(idOf(n))) as Run;
  const beat = async (sign: Partial<SignOfLife> = {}): Promise<readonly ToAgentHeader[]> =>
    agent.open(await link.speak(AGENT, [agent.heartbeat(sign)])).filter(({ kind }) => kind === 'ask');
  const sentKinds = (): readonly string[] =>
    link.sent.flatMap(({ frames }) => agent.open(frames)).map(({ kind }) => kind);

  it('looks at the first heartbeat after a start as at a hello: welcomed agents say none', async () => {
    await insert(1);
    expect(await beat({ inventory: [idOf(2)] })).toMatchObject([
      { runId: idOf(1), askedWhile: 'running' },
      { runId: idOf(2), askedWhile: 'unknown' },
    ]);
    expect(await beat({ inventory: [idOf(2)] })).toEqual([]);
  });

  it('asks an agent that cannot be dialled once a minute, with the answers to its heartbeats', async () => {
    await nest.close();
    await closeTestDatabase(db);
    await start(null);
    await insert(1);
    expect(await beat()).toHaveLength(1);
    await around.clock.advance(59_000);
    expect(await beat()).toEqual([]);
    await around.clock.advance(1_000);
    expect(await beat()).toHaveLength(1);
  });

  it('asks for a bounded number of runs at a time', async () => {
    await nest.get(RunWriter).write(SYSTEM_PRINCIPAL, async (runs) => {
      for (let n = 1; n <= 600; n += 1) runs.insert(unmoved(aStoredRun(idOf(n), AGENT, { state: 'running' })));
      return Promise.resolve();
    });
    expect(await beat()).toHaveLength(500);
    await nest.get(Reconcile).sweep();
    expect(sentKinds().filter((kind) => kind === 'ask')).toHaveLength(500);
  });

  it('loses no run for a silence in which this program stood still', async () => {
    await insert(1);
    await around.clock.advance(10 * 3_600_000);
    await nest.get(Reconcile).sweep();
    expect((await stored(1)).state).toBe('running');
    for (let minute = 0; minute < 61; minute += 1) {
      await around.clock.advance(60_000);
      await nest.get(Reconcile).sweep();
    }
    expect(await stored(1)).toMatchObject({ state: 'lost', executed: 'unknown' });
  });

  it('fences a run of a restored database and never offers it, whoever wakes dispatch', async () => {
    await insert(1, { state: 'dispatched', restored: true, deliverByMs: around.clock.nowMs(), nextOfferAtMs: 0 });
    await beat({ freeSlots: 4 });
    await nest.get(Overdue).sweep();
    await nest.get(Reconcile).sweep();
    expect(sentKinds()).toContain('cancel');
    expect(sentKinds()).not.toContain('offer');
    expect(await stored(1)).toMatchObject({ state: 'dispatched', inDoubt: 1 });
    await link.speak(AGENT, [
      agent.seal({ kind: 'never', runId: idOf(1), receipt: 'r'.repeat(43), belowFloor: false }),
    ]);
    expect(await stored(1)).toMatchObject({ state: 'expired', executed: 'no' });
  });

  it('ends a restored run of an agent without a journal: nobody can be asked', async () => {
    await insert(1, { state: 'dispatched', restored: true, journalId: null, nextOfferAtMs: 0 });
    await around.clock.advance(30_000);
    await expect.poll(async () => (await stored(1)).state).toBe('lost');
    expect(await stored(1)).toMatchObject({
      executed: 'unknown',
      reason: expect.stringContaining('restored from a backup') as string,
    });
  });
});

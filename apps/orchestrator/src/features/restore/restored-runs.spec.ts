import { createHash } from 'node:crypto';
import { Test, type TestingModule } from '@nestjs/testing';
import { MAIN_PRINCIPAL, SYSTEM_PRINCIPAL, type AgentId, type FromAgent, type RunId } from '@scriptmesh/contracts';
import { AgentKeyDigester, ReceiptMaker, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { describeOnEveryDatabase } from '@scriptmesh/testing';
import { AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aStoredRun } from '../../test-support/a-stored-run.js';
import { HeldLink, journal, SpeakingAgent } from '../../test-support/speaking-agent.js';
import { surroundingsOn, type Surroundings } from '../../test-support/surroundings.js';
import { StoreWatch } from '../links/index.js';
import { DispatchModule } from '../dispatch/index.js';
import { RunsService, RunsStore, RunWriter, unmoved, type Run } from '../runs/index.js';
import { RestoreModule } from './restore.module.js';
import { RestoredRuns } from './restored-runs.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const OTHER = '019b7600-0000-7000-8000-0000000000b2' as AgentId;
const BY = { kind: 'operator', id: MAIN_PRINCIPAL } as const;
const idOf = (n: number): RunId => `019b7600-0000-7000-8000-${String(n).padStart(12, '0')}` as RunId;
const shaOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describeOnEveryDatabase('a restored database', (openDb) => {
  let db: Database;
  let around: Surroundings;
  let nest: TestingModule;
  let link: HeldLink;
  let agent: SpeakingAgent;
  let receipts: ReceiptMaker;

  beforeEach(async () => {
    db = await openDb();
    around = surroundingsOn(db);
    link = new HeldLink();
    nest = await Test.createTestingModule({ imports: [around.module, DispatchModule, RestoreModule] })
      .overrideProvider(HttpAgentLink)
      .useValue(link)
      .overrideProvider(AgentLink)
      .useValue(link)
      .compile();
    await nest.init();
    receipts = nest.get(ReceiptMaker);
    agent = new SpeakingAgent(AGENT, 'an-agent-key-for-tests-of-32-chars-1');
    await agent.insertInto(db, nest.get(SecretBox), nest.get(AgentKeyDigester), 'db-1', 'http://10.0.0.1:5001');
    await link.speak(AGENT, [agent.hello(-1)]);
    await link.speak(AGENT, [agent.hello(0)]);
  });
  afterEach(() => nest.close());

  const insert = async (n: number, fields: Partial<Run>): Promise<Run> => {
    const { clock } = around;
    const times = { createdAtMs: clock.nowMs(), deliverByMs: clock.nowMs() + 600_000 };
    const run = aStoredRun(idOf(n), AGENT, { ...times, nextOfferAtMs: times.deliverByMs, ...fields });
    await nest.get(RunWriter).write(SYSTEM_PRINCIPAL, (runs) => Promise.resolve(runs.insert(unmoved(run))));
    return run;
  };
  const stored = async (n: number): Promise<Run | undefined> => nest.get(RunsStore).find(idOf(n));
  const told = (agentId: AgentId, heardSeq: number) => ({
    heardSeq,
    heardProof: receipts.proveStoreSeq(heardSeq, agentId, 'before'),
  });
  const about = (n: number) => ({ runId: idOf(n), receipt: receipts.make(idOf(n), AGENT) });
  const speak = async (message: FromAgent, said: Parameters<SpeakingAgent['seal']>[1] = {}) =>
    agent.open(await link.speak(AGENT, [agent.seal(message, said)]));
  const resultOf = (n: number, text: string, receipt = receipts.make(idOf(n), AGENT)): FromAgent => ({
    kind: 'result',
    runId: idOf(n),
    receipt,
    code: 0,
    signal: null,
    lengths: { stdout: text.length, stderr: 0 },
    sha256: { stdout: shaOf(text), stderr: shaOf('') },
    killedBy: null,
    truncated: false,
    dropped: { stdout: 0, stderr: 0 },
    durationMs: 5,
  });

  it('marks every live run and no other, in one go, with its audit', async () => {
    await insert(1, { state: 'queued' });
    await insert(2, { state: 'dispatched', journalId: journal('a') });
    await insert(3, { state: 'running', journalId: journal('a') });
    const ended = await insert(4, { state: 'succeeded', executed: 'yes' });
    const nowMs = around.clock.nowMs();

    expect(await nest.get(RestoredRuns).mark(0)).toEqual({ marked: 3, fromQueue: 1 });

    expect(await stored(1)).toMatchObject({ state: 'dispatched', restored: true, inDoubt: 1, deliverByMs: nowMs });
    expect(await stored(1)).toMatchObject({ journalId: journal('a') });
    expect(await stored(2)).toMatchObject({ state: 'dispatched', restored: true, inDoubt: 2, deliverByMs: nowMs });
    expect(await stored(3)).toMatchObject({ state: 'running', restored: true, inDoubt: 2 });
    expect(await stored(4)).toEqual(ended);
    const rows = await db.read.selectFrom('audit').select('detail').where('action', '=', 'store.restored').execute();
    expect(rows.map(({ detail }) => JSON.parse(detail) as unknown)).toMatchObject([{ markedRuns: 3 }]);
    expect(await nest.get(RestoredRuns).mark(0)).toEqual({ marked: 0, fromQueue: 0 });
  });

  it('is noticed by what an agent was told, before anything that the agent says is acted on', async () => {
    await insert(1, { state: 'queued' });
    const never = { kind: 'never', ...about(1), belowFloor: true } as const;
    await speak(never, told(AGENT, db.storeSeq + 1000));
    // Unmarked, a fence below the floor would have proved that nothing was started.
    expect(await stored(1)).toMatchObject({ state: 'lost', executed: 'unknown', restored: true });
    expect(around.log.lines.filter(({ event }) => event === 'store.older-than-told')).toHaveLength(1);
  });

  it('is noticed once: what was told before is no news afterwards, and new runs are offered', async () => {
    await speak({ kind: 'journal/mismatch', ...about(9) }, told(AGENT, db.storeSeq + 1000));
    const run = await nest
      .get(RunsService)
      .accept(
        { agent: 'db-1', script: 'hello', params: {}, timeoutSeconds: 1, deliverWithinSeconds: 600, origin: 'api' },
        BY,
      );
    await speak({ kind: 'journal/mismatch', ...about(9) }, told(AGENT, 900_000_000));
    expect(await nest.get(RunsStore).find(run.id)).toMatchObject({ restored: false });
    expect(around.log.lines.filter(({ event }) => event === 'store.older-than-told')).toHaveLength(1);
  });

  it('is noticed also when the store has come further since it was opened than the agent was told before', async (context) => {
    if (db.openedSeq === undefined) return context.skip('other instances may have told the agent');
    const run = await insert(1, { state: 'queued' });
    await db.raiseStoreSeq(5000);
    await speak({ kind: 'journal/mismatch', ...about(9) }, told(AGENT, db.openedSeq));
    expect(await stored(1)).toEqual(run);
    await speak({ kind: 'journal/mismatch', ...about(9) }, told(AGENT, db.openedSeq + 1));
    expect(await stored(1)).toMatchObject({ state: 'dispatched', restored: true });
    await speak({ kind: 'journal/mismatch', ...about(9) }, told(AGENT, db.openedSeq + 2));
    expect(around.log.lines.filter(({ event }) => event === 'store.older-than-told')).toHaveLength(1);
  });

  it('takes what this opening has told for no news, and hides nothing from an agent until it was heard', async (context) => {
    if (db.openedSeq === undefined) return context.skip('other instances may have told the agent');
    const watch = nest.get(StoreWatch);
    await db.raiseStoreSeq(5000);
    const storeSeq = db.openedSeq;
    expect(watch.tell(OTHER)).toMatchObject({ storeSeq });
    expect(watch.tell(AGENT)).toMatchObject({ storeSeq: 5001 });
    const { storeProof } = watch.tell(AGENT);
    await speak({ kind: 'journal/mismatch', ...about(9) }, { heardSeq: 5001, heardProof: storeProof as string });
    expect(around.log.lines.filter(({ event }) => event === 'store.older-than-told')).toEqual([]);
  });

  it.each([
    ['no proof', () => ({ heardSeq: 10_000 })],
    [
      'the proof of another agent',
      () => ({ heardSeq: 10_000, heardProof: receipts.proveStoreSeq(10_000, OTHER, 'before') }),
    ],
    [
      'the proof of another count',
      () => ({ heardSeq: 10_000, heardProof: receipts.proveStoreSeq(5, AGENT, 'before') }),
    ],
  ])('is not believed in on %s, so that no agent touches the runs of others', async (_what, said) => {
    const run = await insert(1, { state: 'queued' });
    await speak({ kind: 'journal/mismatch', ...about(9) }, said());
    expect(await stored(1)).toEqual(run);
  });

  it('asks for the runs that an agent holds and it does not know, and gives no receipt with that', async () => {
    const inventory = [idOf(1), idOf(2)];
    await insert(1, { state: 'running', journalId: journal('a') });
    const hello = agent.seal({
      kind: 'hello',
      startId: 'c'.repeat(32),
      epoch: 1,
      bootId: 'b',
      manifestSha: null,
      freeSlots: 1,
      spoolBytes: 0,
      diskFree: null,
      inventory,
    });
    const asks = agent.open(await link.speak(AGENT, [hello])).filter(({ kind }) => kind === 'ask');
    expect(asks).toMatchObject([{ runId: idOf(2), askedWhile: 'unknown', journalId: journal('a') }]);
    expect((asks[0] as { receipt?: string }).receipt).not.toBe(receipts.make(idOf(2), AGENT));
  });

  it('adopts a run by its receipt, with output and end', async () => {
    await speak({ kind: 'accepted', ...about(7), timeoutMs: 5000, scriptSha: 'd'.repeat(64) });
    expect(await stored(7)).toMatchObject({ state: 'running', restored: true, inDoubt: 1, agentName: 'db-1' });
    const chunk = { kind: 'chunk', ...about(7), stream: 'stdout', offset: 0 } as const;
    await link.speak(AGENT, [agent.seal(chunk, { bytes: Buffer.from('hello') }), agent.seal(resultOf(7, 'hello'))]);
    expect(await stored(7)).toMatchObject({ state: 'succeeded', executed: 'yes', exitCode: 0, truncated: false });
    const audit = await db.read.selectFrom('audit').select('action').where('subject', '=', idOf(7)).execute();
    expect(audit.map(({ action }) => action)).toEqual(['run.adopted', 'run.transition', 'run.transition']);
  });

  it('adopts and ends a run in one list of messages, and once', async () => {
    const frames = [agent.seal(resultOf(8, '')), agent.seal(resultOf(8, ''))];
    const kinds = agent.open(await link.speak(AGENT, frames)).map(({ kind }) => kind);
    expect(kinds).toEqual(['ackResult', 'ackResult']);
    expect(await stored(8)).toMatchObject({ state: 'succeeded', executed: 'yes' });
  });

  it('adopts nothing without a valid receipt, and lets the agent forget it', async () => {
    const replies = await speak(resultOf(6, '', receipts.make(idOf(6), OTHER)));
    expect(replies).toMatchObject([{ kind: 'ackResult', runId: idOf(6), receipt: receipts.make(idOf(6), OTHER) }]);
    expect(await stored(6)).toBeUndefined();
  });

  it('adopts nothing that retention has removed, and lets the agent forget it', async () => {
    const floor = { key: 'runs_pruned_through', value: idOf(100) };
    await db.write((trx) => trx.insertInto('meta').values(floor).execute());
    expect(await speak(resultOf(100, ''))).toMatchObject([{ kind: 'ackResult' }]);
    expect(await stored(100)).toBeUndefined();
    await speak(resultOf(101, ''));
    expect(await stored(101)).toMatchObject({ state: 'succeeded' });
    await expect(nest.get(RunsService).getRun(idOf(99))).rejects.toMatchObject({
      code: 'run/not-found',
      hint: expect.stringContaining('retention') as string,
    });
  });

  it('adopts only so many at a time, and the others when these have ended', async () => {
    const writer = nest.get(RunWriter);
    await writer.write(SYSTEM_PRINCIPAL, async (runs) => {
      for (let n = 1000; n < 2000; n += 1) {
        const restored = { state: 'running', restored: true, journalId: journal('a') } as const;
        runs.insert(unmoved(aStoredRun(idOf(n), AGENT, restored)));
      }
      return Promise.resolve();
    });
    const accepted = { kind: 'accepted', ...about(7), timeoutMs: 5000, scriptSha: 'd'.repeat(64) } as const;
    expect(await speak(accepted)).toEqual([]);
    expect(await speak(resultOf(7, ''))).toEqual([]);
    expect(await stored(7)).toBeUndefined();
    await speak({ kind: 'lost', ...about(1000), started: true, why: 'a test' });
    await speak(resultOf(7, ''));
    expect(await stored(7)).toMatchObject({ state: 'succeeded' });
  });
});

import { createHash } from 'node:crypto';
import { Test, type TestingModule } from '@nestjs/testing';
import { MAIN_PRINCIPAL, type AgentId, type RunId, type ToAgentHeader } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { armFailpoints } from '@scriptmesh/failpoints';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldLink, journal, SpeakingAgent } from '../../test-support/speaking-agent.js';
import { surroundingsOn, type Surroundings } from '../../test-support/surroundings.js';
import { RunsService, RunsStore, type Run } from '../runs/index.js';
import { DispatchModule } from './dispatch.module.js';
import { DispatchWakes } from './dispatch.service.js';
import { Overdue } from './overdue.js';
import { Reconcile } from './reconcile.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const OTHER = '019b7600-0000-7000-8000-0000000000b2' as AgentId;
const BY = { kind: 'operator', id: MAIN_PRINCIPAL } as const;
const NOTHING = createHash('sha256').digest('hex');

describe('dispatch', () => {
  let db: Database;
  let around: Surroundings;
  let nest: TestingModule;
  let link: HeldLink;
  let agent: SpeakingAgent;

  beforeEach(async () => {
    db = await openTestDatabase();
    around = surroundingsOn(db);
    link = new HeldLink();
    nest = await aNest(link, around);
    agent = await join(AGENT, 'db-1', 'http://10.0.0.1:5001');
  });
  afterEach(async () => {
    await nest.close();
    await closeTestDatabase(db);
  });

  async function aNest(through: HeldLink, { module }: Surroundings): Promise<TestingModule> {
    const made = await Test.createTestingModule({ imports: [module, DispatchModule] })
      .overrideProvider(HttpAgentLink)
      .useValue(through)
      .overrideProvider(AgentLink)
      .useValue(through)
      .compile();
    return made.init();
  }
  async function join(id: AgentId, name: string, url: string | null): Promise<SpeakingAgent> {
    const joined = new SpeakingAgent(id, `an-agent-key-for-tests-of-32-chars-${name}`);
    await joined.insertInto(db, nest.get(SecretBox), nest.get(AgentKeyDigester), name, url);
    await link.speak(id, [joined.hello(-1)]);
    await link.speak(id, [joined.hello(0)]);
    return joined;
  }
  const ask = (name = 'db-1', deliverWithinSeconds = 600, on = nest): Promise<Run> =>
    on
      .get(RunsService)
      .accept(
        { agent: name, script: 'hello', params: {}, timeoutSeconds: undefined, deliverWithinSeconds, origin: 'api' },
        BY,
      );
  const stored = async (run: Pick<Run, 'id'>): Promise<Run> => (await nest.get(RunsStore).find(run.id)) as Run;
  const auditOf = ({ id }: Run) =>
    db.read.selectFrom('audit').selectAll().where('subject', '=', id).orderBy('seq').execute();
  const lastCause = async (run: Run): Promise<unknown> =>
    (JSON.parse((await auditOf(run)).at(-1)?.detail ?? '{}') as { cause?: unknown }).cause;
  const sentTo = (to: SpeakingAgent, kind: ToAgentHeader['kind']): readonly ToAgentHeader[] =>
    link.sent
      .filter((s) => s.agent.agentId === to.id)
      .flatMap((s) => to.open(s.frames))
      .filter((h) => h.kind === kind);
  const offers = (): readonly ToAgentHeader[] => sentTo(agent, 'offer');
  /** About a run, from its agent. */
  const about = (run: Pick<Run, 'id'>) => ({ runId: run.id, receipt: 'r'.repeat(43) });
  const result = (run: Pick<Run, 'id'>) =>
    agent.seal({
      kind: 'result',
      ...about(run),
      code: 0,
      signal: null,
      lengths: { stdout: 0, stderr: 0 },
      sha256: { stdout: NOTHING, stderr: NOTHING },
      killedBy: null,
      truncated: false,
      dropped: { stdout: 0, stderr: 0 },
      durationMs: 5,
    });

  it('offers a run with in_doubt raised before the send, and the first evidence moves it on', async () => {
    let inDoubtAtSend = 0;
    const run = await (async () => {
      link.onSend = async () => {
        const [live] = await nest.get(RunsStore).listLive(AGENT);
        inDoubtAtSend = live?.inDoubt ?? 0;
      };
      return ask();
    })();
    await eventually(() => offers().length === 1);
    expect(inDoubtAtSend).toBe(1);
    expect(offers()[0]).toMatchObject({
      runId: run.id,
      script: 'hello',
      journalId: journal('a'),
      deliverBy: run.deliverByMs,
    });
    await link.speak(AGENT, [result(run)]);
    expect(await stored(run)).toMatchObject({ state: 'succeeded', executed: 'yes', exitCode: 0 });
  });

  it('puts a run back into the queue when it is proved that nothing arrived, and tries again after a pause', async () => {
    link.verdict = 'not-sent';
    const run = await ask();
    await eventually(async () => (await stored(run)).state === 'queued' && link.sent.length > 0);
    expect(await stored(run)).toMatchObject({ inDoubt: 0, executed: null });
    const before = offers().length;
    link.verdict = 'sent';
    await around.clock.advance(60_000);
    await eventually(() => offers().length > before);
    expect((await stored(run)).state).toBe('dispatched');
  });

  it('offers a run whose commit succeeded although its answer was lost', async () => {
    armFailpoints({ points: [{ point: 'store.run-committed', action: 'error', delayMs: 0, onHit: 1 }], log: null });
    await expect(ask()).rejects.toThrow('EIO');
    const [born] = await nest.get(RunsStore).listLive(AGENT);
    expect(born).toMatchObject({ state: 'dispatched', inDoubt: 1 });
    for (let seconds = 0; seconds < 3; seconds += 1) {
      await around.clock.advance(1000);
      await settled();
    }
    expect(offers()[0]).toMatchObject({ runId: born?.id });
  });

  it('sends a run whose own instance died between its commit and its launch, at the next look after all', async () => {
    const other = await aNest(new HeldLink(), surroundingsOn(db));
    armFailpoints({ points: [{ point: 'store.run-committed', action: 'error', delayMs: 0, onHit: 1 }], log: null });
    await expect(ask('db-1', 600, other)).rejects.toThrow('EIO');
    await other.close();
    await around.clock.advance(60_000);
    expect(offers()).toEqual([]);
    await nest.get(DispatchWakes).lookAfterWaiting();
    await eventually(() => offers().length === 1);
  });

  it('repeats an unanswered offer with the same journal, ever more slowly, and never gives it up for lost', async () => {
    link.verdict = 'unknown';
    const run = await ask();
    await eventually(() => offers().length === 1);
    for (let seconds = 0; seconds < 20; seconds += 1) {
      await around.clock.advance(1000);
      await settled();
    }
    const repeats = offers();
    expect(repeats.length).toBeGreaterThanOrEqual(3);
    expect(repeats.length).toBeLessThanOrEqual(8);
    expect(new Set(repeats.map((header) => (header as { runId: RunId }).runId))).toEqual(new Set([run.id]));
    expect(await stored(run)).toMatchObject({ state: 'dispatched', inDoubt: repeats.length, journalId: journal('a') });
  });

  it('holds offers back from a busy agent, and offers the refused run first when a slot is free', async () => {
    const first = await ask();
    await eventually(() => offers().length === 1);
    await link.speak(AGENT, [agent.seal({ kind: 'busy', ...about(first), freeSlots: 0 })]);
    const second = await ask();
    await around.clock.advance(30_000);
    await settled();
    expect(offers()).toHaveLength(1);
    expect(await stored(first)).toMatchObject({ state: 'dispatched', inDoubt: 1 });
    expect((await stored(second)).state).toBe('queued');

    await link.speak(AGENT, [agent.heartbeat({ freeSlots: 2 })]);
    await eventually(() => offers().length === 3);
    expect(offers().map((header) => (header as { runId: RunId }).runId)).toEqual([first.id, first.id, second.id]);
  });

  it('expires a queued run by itself, and a dispatched one only by the word of its agent', async () => {
    link.verdict = 'not-sent';
    const queued = await ask('db-1', 1);
    await eventually(async () => (await stored(queued)).state === 'queued' && link.sent.length > 0);
    await around.clock.advance(2000);
    await nest.get(Overdue).sweep();
    expect(await stored(queued)).toMatchObject({ state: 'expired', executed: 'no' });

    link.verdict = 'unknown';
    await link.speak(AGENT, [agent.heartbeat()]);
    const dispatched = await ask('db-1', 1);
    await eventually(async () => (await stored(dispatched)).state === 'dispatched');
    await around.clock.advance(3000);
    await nest.get(Overdue).sweep();
    await eventually(() => sentTo(agent, 'cancel').length > 0);
    expect(sentTo(agent, 'cancel')[0]).toMatchObject({ runId: dispatched.id, why: 'expired' });
    expect((await stored(dispatched)).state).toBe('dispatched');
    await link.speak(AGENT, [agent.seal({ kind: 'never', ...about(dispatched), belowFloor: false })]);
    expect(await stored(dispatched)).toMatchObject({ state: 'expired', executed: 'no' });
  });

  it('gives an agent that cannot be dialled its run with the answer to its own message', async () => {
    const quiet = await join(OTHER, 'nat-1', null);
    const run = await ask('nat-1');
    expect((await stored(run)).state).toBe('queued');
    const answer = quiet.open(await link.speak(OTHER, [quiet.heartbeat()]));
    expect(answer.find((header) => header.kind === 'offer')).toMatchObject({ runId: run.id });
    expect(await stored(run)).toMatchObject({ state: 'dispatched', inDoubt: 1 });
    expect(link.sent.filter((s) => s.agent.agentId === OTHER)).toEqual([]);
  });

  it('sends to an agent that holds a connection as to one that is dialled, and waits for it without one', async () => {
    const holding = await join(OTHER, 'nat-1', null);
    const waiting = await ask('nat-1');
    expect((await stored(waiting)).state).toBe('queued');
    link.hold(OTHER, true);
    await eventually(() => sentTo(holding, 'offer').length === 1);
    expect(sentTo(holding, 'offer')[0]).toMatchObject({ runId: waiting.id });
    expect((await ask('nat-1')).state).toBe('dispatched');
    link.hold(OTHER, false);
    expect((await ask('nat-1')).state).toBe('queued');
  });

  it('loses what was offered to a journal that is gone, and asks about what a hello does not name', async () => {
    const run = await ask();
    await eventually(() => offers().length === 1);
    await link.speak(AGENT, [
      agent.seal({ kind: 'accepted', ...about(run), timeoutMs: 1000, scriptSha: 'd'.repeat(64) }),
    ]);
    const asked = agent.open(await link.speak(AGENT, [agent.hello(1)]));
    expect(asked.find((header) => header.kind === 'ask')).toMatchObject({ runId: run.id, askedWhile: 'running' });
    expect((await stored(run)).state).toBe('running');

    await link.speak(AGENT, [agent.hello(1, { journalId: journal('b') })]);
    expect(await stored(run)).toMatchObject({ state: 'lost', executed: 'unknown' });
    expect(await lastCause(run)).toBe('other-journal');
  });

  it('calls a run lost when its agent is silent past timeout and lostAfter, and keeps what it says later', async () => {
    const run = await ask();
    await eventually(() => offers().length === 1);
    await link.speak(AGENT, [
      agent.seal({ kind: 'accepted', ...about(run), timeoutMs: 1000, scriptSha: 'd'.repeat(64) }),
    ]);
    for (let minute = 0; minute < 60; minute += 1) {
      await around.clock.advance(60_000);
      await nest.get(Reconcile).sweep();
    }
    expect((await stored(run)).state).toBe('running');
    await around.clock.advance(2000);
    await nest.get(Reconcile).sweep();
    expect(await stored(run)).toMatchObject({ state: 'lost', executed: 'unknown' });
    expect(await lastCause(run)).toBe('silence');

    const [ack] = agent.open(await link.speak(AGENT, [result(run)]));
    expect(ack).toMatchObject({ kind: 'ackResult', runId: run.id });
    expect(await stored(run)).toMatchObject({
      state: 'lost',
      executed: 'unknown',
      lateResult: { kind: 'result', exitCode: 0 },
    });
  });

  it('lets no other agent change a run (I11)', async () => {
    const thief = await join(OTHER, 'db-2', 'http://10.0.0.2:5001');
    const run = await ask();
    await eventually(() => offers().length === 1);
    const before = await stored(run);
    await link.speak(OTHER, [thief.seal({ kind: 'never', ...about(run), belowFloor: false })]);
    await link.speak(OTHER, [thief.seal({ kind: 'lost', ...about(run), started: true, why: 'so they say' })]);
    expect(await stored(run)).toEqual(before);
  });

  it('writes one audit row for each transition, in the same commit', async () => {
    const run = await ask();
    await eventually(() => offers().length === 1);
    await link.speak(AGENT, [result(run)]);
    const rows = await auditOf(run);
    const arrows = rows
      .filter(({ action }) => action === 'run.transition')
      .map(({ detail }) => JSON.parse(detail) as { from: string; to: string; cause: string });
    expect(arrows.map(({ from, to, cause }) => `${from} ${to} ${cause}`)).toEqual([
      'queued dispatched sent',
      'dispatched running result',
      'running succeeded result',
    ]);
    expect(rows.filter(({ action }) => action === 'run.accepted')).toHaveLength(1);
  });
});

/** Lets what was set going come to rest: everything here runs in memory or on a local file. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`waited in vain for ${holds.toString()}`);
}

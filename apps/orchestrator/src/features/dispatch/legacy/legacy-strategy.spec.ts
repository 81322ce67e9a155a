import { Test, type TestingModule } from '@nestjs/testing';
import { MAIN_PRINCIPAL, type AgentId } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldLink, SpeakingAgent } from '../../../test-support/speaking-agent.js';
import { surroundingsOn, type Surroundings } from '../../../test-support/surroundings.js';
import { LegacyAgentCalls, type LegacyAnswer, type StartedCall } from '../../legacy-calls/index.js';
import { AgentDirectory } from '../../registry/index.js';
import { RunCancels, RunsService, RunsStore, type Run } from '../../runs/index.js';
import { DispatchModule } from '../dispatch.module.js';
import { Overdue } from '../overdue.js';
import { ReachedAgents } from '../reached-agents.js';
import { Reconcile } from '../reconcile.js';
import { LegacyDoors } from './legacy-doors.js';
import { LegacyLeases } from './legacy-leases.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const BY = { kind: 'operator', id: MAIN_PRINCIPAL } as const;
const SUCCESS = { status: 'success', script: 's', output: { stdout: 'out', stderr: 'err', returncode: 0 } };

/** Answers when the test says so. */
class HeldCalls extends LegacyAgentCalls {
  /** Calls have not left until they land. */
  isHeldBack = false;
  readonly started: { readonly script: string; land(answer: LegacyAnswer): void }[] = [];
  override heartbeat(): Promise<LegacyAnswer> {
    return Promise.resolve({ kind: 'answered', status: 200, body: '{}' });
  }
  override getScripts(): Promise<LegacyAnswer> {
    return Promise.resolve({ kind: 'answered', status: 200, body: '{"scripts":[]}' });
  }
  override runScript(_: unknown, script: string): StartedCall {
    let tellLeft = (_left: boolean): void => {};
    let tell = (_answer: LegacyAnswer): void => {};
    const left = new Promise<boolean>((resolve) => (tellLeft = resolve));
    const answer = new Promise<LegacyAnswer>((resolve) => (tell = resolve));
    const land = (landed: LegacyAnswer): void => {
      tellLeft(landed.kind !== 'not-sent');
      tell(landed);
    };
    this.started.push({ script, land });
    // A held call has left, unless it is said before that it has not.
    if (this.isHeldBack) return { left, answer, abort: (why) => land({ kind: 'unknown', why }) };
    tellLeft(true);
    return { left, answer, abort: (why) => land({ kind: 'unknown', why }) };
  }
}

describe('dispatch to agents of ScriptMesh 0.2', () => {
  let db: Database;
  let around: Surroundings;
  let nest: TestingModule;
  let calls: HeldCalls;
  let link: HeldLink;

  beforeEach(async () => {
    db = await openTestDatabase();
    around = surroundingsOn(db);
    calls = new HeldCalls();
    link = new HeldLink();
    nest = await Test.createTestingModule({ imports: [around.module, DispatchModule] })
      .overrideProvider(HttpAgentLink)
      .useValue(link)
      .overrideProvider(AgentLink)
      .useValue(link)
      .overrideProvider(LegacyAgentCalls)
      .useValue(calls)
      .compile();
    await nest.init();
    const agent = new SpeakingAgent(AGENT, 'an-agent-key-for-tests-of-32-chars');
    await agent.insertInto(db, nest.get(SecretBox), nest.get(AgentKeyDigester), 'old-1', 'http://10.0.0.1:5001');
    await db.write((trx) => trx.updateTable('agents').set({ transport: 'legacy' }).where('id', '=', AGENT).execute());
  });
  afterEach(async () => {
    await nest.close();
    await closeTestDatabase(db);
  });

  const ask = (params: Record<string, string> = {}): Promise<Run> =>
    nest
      .get(RunsService)
      .accept(
        { agent: 'old-1', script: 's', params, timeoutSeconds: undefined, deliverWithinSeconds: 600, origin: 'api' },
        BY,
      );
  const stored = async ({ id }: Pick<Run, 'id'>): Promise<Run> => (await nest.get(RunsStore).find(id)) as Run;
  const calledTimes = async (times: number): Promise<void> => {
    await expect.poll(() => calls.started.length).toBe(times);
  };
  const land = (index: number, answer: LegacyAnswer): void => calls.started[index]?.land(answer);
  const answered = (status: number, body: unknown): LegacyAnswer => ({
    kind: 'answered',
    status,
    body: JSON.stringify(body),
  });

  it('is dispatched while the answer is waited for, then ends with its output', async () => {
    const run = await ask();
    await calledTimes(1);
    expect(await stored(run)).toMatchObject({ state: 'dispatched', inDoubt: 1, journalId: null });
    land(0, answered(200, SUCCESS));
    await expect.poll(async () => (await stored(run)).state).toBe('succeeded');
    expect(await stored(run)).toMatchObject({ executed: 'yes', exitCode: 0, acked: { stdout: 3, stderr: 3 } });
    const audit = await db.read.selectFrom('audit').select('detail').where('subject', '=', run.id).execute();
    expect(audit.map(({ detail }) => (JSON.parse(String(detail)) as { to?: string }).to)).toEqual([
      undefined,
      'dispatched',
      'running',
      'succeeded',
    ]);
  });

  it('can be cancelled in the queue only: 0.2 has no cancel', async () => {
    const cancel = ({ id }: Run): Promise<Run> => nest.get(RunCancels).cancel(id, null, BY);
    const called = await ask();
    await calledTimes(1);
    await expect(cancel(called)).rejects.toMatchObject({ code: 'run/wrong-state', status: 409 });
    land(0, answered(200, SUCCESS));
    await expect.poll(async () => (await stored(called)).state).toBe('succeeded');
    expect(await stored(called)).toMatchObject({ cancelRequested: false });

    for (let n = 0; n < 16; n += 1) await ask();
    await calledTimes(17);
    const waiting = await ask();
    expect(await cancel(waiting)).toMatchObject({ state: 'cancelled', executed: 'no' });
    for (let n = 1; n <= 16; n += 1) land(n, answered(200, SUCCESS));
    await expect.poll(async () => (await nest.get(RunsStore).listLive(AGENT)).length).toBe(0);
    expect(calls.started).toHaveLength(17);
  });

  it('never sends again what may have arrived, however long it takes', async () => {
    const run = await ask();
    await calledTimes(1);
    for (let i = 0; i < 5; i += 1) {
      await around.clock.advance(600_000);
      await nest.get(LegacyLeases).sweep();
      await nest.get(Overdue).sweep();
      await nest.get(Reconcile).sweep();
    }
    expect(await stored(run)).toMatchObject({ state: 'dispatched' });
    expect(calls.started).toHaveLength(1);
    expect(link.sent).toEqual([]);
    land(0, { kind: 'unknown', why: 'ECONNRESET' });
    await expect.poll(async () => (await stored(run)).state).toBe('lost');
    expect(await stored(run)).toMatchObject({ executed: 'unknown' });
  });

  it.each<[string, LegacyAnswer]>([
    ['a refused connection', { kind: 'not-sent', why: 'ECONNREFUSED' }],
    ['a refused key', { kind: 'answered', status: 401, body: '{"detail":"Unauthorized"}' }],
  ])('goes back into the queue on %s, which proves that nothing was started, and is sent again', async (_, fault) => {
    calls.isHeldBack = fault.kind === 'not-sent';
    const run = await ask();
    await calledTimes(1);
    land(0, fault);
    await expect.poll(async () => (await stored(run)).state).toBe('queued');
    expect(await stored(run)).toMatchObject({ inDoubt: 0 });
    await expect.poll(async () => (await around.clock.advance(1000), calls.started.length)).toBe(2);
    land(1, answered(200, SUCCESS));
    await expect.poll(async () => (await stored(run)).state).toBe('succeeded');
  });

  it('knocks ever more seldom at a door that turns it away, and at once when the agent was reached by other means', async () => {
    await ask();
    const refuse = async (index: number): Promise<void> => {
      await calledTimes(index + 1);
      land(index, answered(401, { detail: 'Unauthorized' }));
      await expect.poll(() => nest.get(LegacyDoors).shutForMs(AGENT)).toBeGreaterThan(0);
    };
    const begunMs = around.clock.monotonicMs();
    for (let i = 0; i < 4; i += 1) {
      await refuse(i);
      await expect.poll(async () => (await around.clock.advance(250), calls.started.length)).toBe(i + 2);
    }
    // 0.25 + 0.5 + 1 + 2 s at least; with a pause that does not grow it would be a single second.
    expect(around.clock.monotonicMs() - begunMs).toBeGreaterThanOrEqual(3750);
    await refuse(4);
    nest.get(ReachedAgents).noteReached(AGENT);
    await calledTimes(6);
  });

  it('asks no more than 16 at a time of one agent', async () => {
    for (let i = 0; i < 20; i += 1) await ask();
    await calledTimes(16);
    expect((await nest.get(RunsStore).listLive(AGENT)).filter(({ state }) => state === 'queued')).toHaveLength(4);
    land(0, answered(200, SUCCESS));
    await calledTimes(17);
  });

  it('loses a run whose orchestrator was killed, when its lease is over and not before', async () => {
    const run = await ask();
    await calledTimes(1);
    const other = await Test.createTestingModule({ imports: [surroundingsOn(db).module, DispatchModule] })
      .overrideProvider(HttpAgentLink)
      .useValue(new HeldLink())
      .overrideProvider(AgentLink)
      .useValue(new HeldLink())
      .overrideProvider(LegacyAgentCalls)
      .useValue(new HeldCalls())
      .compile();
    const leases = other.get(LegacyLeases);
    await leases.sweep();
    expect((await stored(run)).state).toBe('dispatched');
    await db.write((trx) => trx.updateTable('runs').set({ next_offer_at: 1 }).where('id', '=', run.id).execute());
    await leases.sweep();
    expect(await stored(run)).toMatchObject({ state: 'lost', executed: 'unknown' });
    land(0, answered(200, SUCCESS));
    await expect.poll(async () => (await stored(run)).lateResult).toMatchObject({ kind: 'result', exitCode: 0 });
    expect(await stored(run)).toMatchObject({ state: 'lost' });
    await other.close();
  });

  it('rejects a run with parameters without a call', async () => {
    const run = await ask({ A: 'x' });
    await expect.poll(async () => (await stored(run)).state).toBe('rejected');
    expect(await stored(run)).toMatchObject({ executed: 'no', reasonCode: 'params/invalid' });
    expect(calls.started).toEqual([]);
  });

  it('lets nothing of it be asked of an agent that has come to speak frames meanwhile', async () => {
    const run = await ask();
    await calledTimes(1);
    await db.write((trx) =>
      trx
        .updateTable('agents')
        .set({ transport: 'http', journal_id: 'a'.repeat(32) })
        .where('id', '=', AGENT)
        .execute(),
    );
    expect((await nest.get(AgentDirectory).getAgent('old-1')).journalId).not.toBeNull();
    await nest.get(Reconcile).sweep();
    expect((await stored(run)).state).toBe('dispatched');
    land(0, answered(200, SUCCESS));
    await expect.poll(async () => (await stored(run)).state).toBe('succeeded');
  });
});

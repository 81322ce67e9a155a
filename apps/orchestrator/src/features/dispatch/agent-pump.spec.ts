import { Test, type TestingModule } from '@nestjs/testing';
import { MAIN_PRINCIPAL, type AgentId, type RunId } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeldLink, SpeakingAgent } from '../../test-support/speaking-agent.js';
import { surroundingsOn, type Surroundings } from '../../test-support/surroundings.js';
import { RunsService, RunsStore, type Run } from '../runs/index.js';
import { DispatchModule } from './dispatch.module.js';
import { Reconcile } from './reconcile.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const BY = { kind: 'operator', id: MAIN_PRINCIPAL } as const;

describe('the pump of an agent', () => {
  let db: Database;
  let around: Surroundings;
  let nest: TestingModule;
  let link: HeldLink;
  let agent: SpeakingAgent;
  /** The runs of each offer, with its time since the start of the test. */
  let offered: { readonly atMs: number; readonly runId: RunId }[];

  beforeEach(async () => {
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
    agent = await join('http://10.0.0.1:5001');
    const startMs = around.clock.monotonicMs();
    offered = [];
    link.onSend = () => {
      const headers = agent.open(link.sent.at(-1)?.frames ?? []);
      for (const header of headers) {
        if (header.kind === 'offer') offered.push({ atMs: around.clock.monotonicMs() - startMs, runId: header.runId });
      }
      return Promise.resolve();
    };
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await nest.close();
    await closeTestDatabase(db);
  });

  async function join(url: string | null): Promise<SpeakingAgent> {
    const joined = new SpeakingAgent(AGENT, 'an-agent-key-for-tests-of-32-chars');
    await joined.insertInto(db, nest.get(SecretBox), nest.get(AgentKeyDigester), 'db-1', url);
    await link.speak(AGENT, [joined.hello(-1)]);
    await link.speak(AGENT, [joined.hello(0)]);
    await link.speak(AGENT, [joined.heartbeat({ freeSlots: 64 })]);
    await settled();
    return joined;
  }
  const ask = async (deliverWithinSeconds = 600, params: Record<string, string> = {}): Promise<Run> => {
    const request = {
      agent: 'db-1',
      script: 'hello',
      params,
      timeoutSeconds: undefined,
      deliverWithinSeconds,
      origin: 'api' as const,
    };
    const run = await nest.get(RunsService).accept(request, BY);
    await settled();
    return run;
  };
  const accept = (run: Run) =>
    link.speak(AGENT, [
      agent.seal({
        kind: 'accepted',
        runId: run.id,
        receipt: 'r'.repeat(43),
        timeoutMs: 1000,
        scriptSha: 'd'.repeat(64),
      }),
    ]);
  const stored = async (run: Run): Promise<Run> => (await nest.get(RunsStore).find(run.id)) as Run;
  /** In steps, so that reads of the store come to rest between two timers. */
  async function pass(ms: number, stepMs = 50): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await around.clock.advance(stepMs);
      await settled();
    }
  }

  it('repeats an unanswered offer after 0.25, 1, 2 and 4 s', async () => {
    link.verdict = 'unknown';
    await ask();
    await pass(8000);
    expect(offered.map(({ atMs }) => atMs)).toEqual([0, 250, 1250, 3250, 7250]);
  });

  it('goes on repeating when the clock is set back by a day', async () => {
    link.verdict = 'unknown';
    await ask();
    await pass(8000);
    const before = offered.length;
    around.clock.jumpWallClock(-86_400_000);
    await pass(65_000);
    // At 30 s at the latest, and from then on as ever: 16 s and 30 s later.
    expect(offered.length - before).toBeGreaterThanOrEqual(2);
    expect(offered.length - before).toBeLessThanOrEqual(4);
  });

  it('rests once nothing waits any more, and lets the next run leave at its birth', async () => {
    const timers = around.clock.waitingTimers;
    link.verdict = 'unknown';
    const run = await ask();
    await accept(run);
    await pass(2000);
    const looks = vi.spyOn(nest.get(RunsStore), 'listOfferable');
    await pass(5000);
    expect(looks).not.toHaveBeenCalled();
    expect(around.clock.waitingTimers).toBe(timers);
    link.verdict = 'sent';
    expect((await ask()).state).toBe('dispatched');
  });

  it('does not look again and again for an offer whose time to be delivered is over', async () => {
    link.verdict = 'unknown';
    const run = await ask(1);
    await pass(2000);
    const looks = vi.spyOn(nest.get(RunsStore), 'listOfferable');
    await pass(5000);
    expect(looks.mock.calls.length).toBeLessThanOrEqual(1);
    expect((await stored(run)).state).toBe('dispatched');
  });

  it('sends nothing more for new runs while it pauses, and all of them after the pause', async () => {
    link.verdict = 'not-sent';
    const first = await ask();
    const sends = offered.length;
    const runs = [first, await ask(), await ask(), await ask()];
    expect(offered.length).toBe(sends);
    link.verdict = 'sent';
    await pass(1000);
    expect(new Set(offered.slice(sends).map(({ runId }) => runId))).toEqual(new Set(runs.map(({ id }) => id)));
  });

  it('repeats an offer in its time however many new runs are asked for meanwhile', async () => {
    const unanswered = await ask();
    for (let more = 0; more < 10; more += 1) {
      await accept(await ask());
      await pass(100);
    }
    expect(offered.filter(({ runId }) => runId === unanswered.id).length).toBeGreaterThanOrEqual(2);
  });

  it('goes on when the store has failed it', async () => {
    link.verdict = 'not-sent';
    const run = await ask();
    vi.spyOn(nest.get(RunsStore), 'listOfferable').mockRejectedValueOnce(new Error('the disk is full'));
    await pass(300);
    expect(around.log.lines.filter(({ event }) => event === 'dispatch.failed')).toHaveLength(1);
    link.verdict = 'sent';
    await pass(1000);
    expect((await stored(run)).state).toBe('dispatched');
  });

  it('sends no more at once than one list of frames can hold', async () => {
    link.verdict = 'not-sent';
    const large = Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`p${n}`, 'x'.repeat(32 * 1024)]));
    for (let runs = 0; runs < 22; runs += 1) await ask(600, large);
    link.verdict = 'sent';
    const before = link.sent.length;
    await pass(8000, 1000);
    const sizes = link.sent.slice(before).map(({ frames }) => frames.reduce((sum, { length }) => sum + length, 0));
    expect(Math.max(...sizes)).toBeLessThan(4.5 * 1024 * 1024);
    expect(new Set(offered.map(({ runId }) => runId)).size).toBe(22);
  });

  it('calls a run lost that was accepted while its agent was being removed', async () => {
    const run = await ask();
    await db.write((trx) => trx.deleteFrom('agents').where('id', '=', AGENT).execute());
    await nest.get(Reconcile).sweep();
    expect(await stored(run)).toMatchObject({ state: 'lost', executed: 'unknown', reason: 'the agent was removed' });
  });
});

/** Lets what was set going come to rest: everything here runs in memory or on a local file. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

import { Test, type TestingModule } from '@nestjs/testing';
import { MAIN_PRINCIPAL, type AgentId, type FromAgent, type ToAgentHeader } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldLink, journal, SpeakingAgent } from '../../test-support/speaking-agent.js';
import { surroundingsOn, type Surroundings } from '../../test-support/surroundings.js';
import { RunCancels, RunsService, RunsStore, type Run } from '../runs/index.js';
import { CancelSender } from './cancel-sender.js';
import { DispatchModule } from './dispatch.module.js';
import { Overdue } from './overdue.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const BY = { kind: 'operator', id: MAIN_PRINCIPAL } as const;

describe('the cancels of dispatch', () => {
  let db: Database;
  let around: Surroundings;
  let nest: TestingModule;
  let link: HeldLink;
  let agent: SpeakingAgent;

  beforeEach(async () => {
    db = await openTestDatabase();
    around = surroundingsOn(db);
    await start();
  });
  afterEach(async () => {
    await nest.close();
    await closeTestDatabase(db);
  });

  async function start(): Promise<void> {
    link = new HeldLink();
    nest = await Test.createTestingModule({ imports: [around.module, DispatchModule] })
      .overrideProvider(HttpAgentLink)
      .useValue(link)
      .overrideProvider(AgentLink)
      .useValue(link)
      .compile();
    await nest.init();
  }

  async function join(url: string | null = 'http://10.0.0.1:5001'): Promise<void> {
    agent = new SpeakingAgent(AGENT, 'an-agent-key-for-tests-of-32-chars');
    await agent.insertInto(db, nest.get(SecretBox), nest.get(AgentKeyDigester), 'db-1', url);
    await link.speak(AGENT, [agent.hello(-1)]);
    await link.speak(AGENT, [agent.hello(0)]);
  }
  const ask = (deliverWithinSeconds = 600): Promise<Run> => {
    const rest = { params: {}, timeoutSeconds: undefined, deliverWithinSeconds, origin: 'api' } as const;
    return nest.get(RunsService).accept({ agent: 'db-1', script: 'hello', ...rest }, BY);
  };
  const cancel = (run: Run): Promise<Run> => nest.get(RunCancels).cancel(run.id, null, BY);
  const stored = async (run: Run): Promise<Run> => (await nest.get(RunsStore).find(run.id)) as Run;
  const sent = (kind: ToAgentHeader['kind']): readonly ToAgentHeader[] =>
    link.sent.flatMap(({ frames }) => agent.open(frames)).filter((header) => header.kind === kind);
  const say = async (run: Run, message: object): Promise<readonly ToAgentHeader[]> => {
    const about = { runId: run.id, receipt: 'r'.repeat(43) };
    return agent.open(await link.speak(AGENT, [agent.seal({ ...about, ...message } as unknown as FromAgent)]));
  };
  const accept = (run: Run) => say(run, { kind: 'accepted', timeoutMs: 60_000, scriptSha: 'b'.repeat(64) });
  /** A run that its agent has, and which it was told of once. */
  async function running(): Promise<Run> {
    await join();
    const run = await ask();
    await eventually(() => sent('offer').length === 1);
    await accept(run);
    return run;
  }

  it('tells the agent at once, with the journal of the run, and takes its fence for the end', async () => {
    await join();
    const run = await ask();
    await eventually(() => sent('offer').length === 1);
    expect(await cancel(run)).toMatchObject({ state: 'dispatched', cancelRequested: true });
    await eventually(() => sent('cancel').length === 1);
    expect(sent('cancel')[0]).toMatchObject({ runId: run.id, why: 'cancelled', journalId: journal('a') });
    await say(run, { kind: 'never', belowFloor: false });
    expect(await stored(run)).toMatchObject({ state: 'cancelled', executed: 'no' });
  });

  it('repeats a cancel ever more slowly until the run has ended, and never offers it again', async () => {
    link.verdict = 'unknown';
    const run = await running();
    await cancel(run);
    await eventually(() => sent('cancel').length === 1);
    for (let seconds = 0; seconds < 60; seconds += 1) {
      await around.clock.advance(1000);
      await nest.get(CancelSender).sweep();
    }
    const repeated = sent('cancel').length;
    // After 0.25, 1, 2, 4, 8, 16 and 30 s, each at the sweep that follows.
    expect(repeated).toBeGreaterThanOrEqual(6);
    expect(repeated).toBeLessThanOrEqual(8);
    expect(sent('offer')).toHaveLength(1);
    await say(run, { kind: 'lost', started: true, why: 'the node was restarted' });
    await around.clock.advance(60_000);
    await nest.get(CancelSender).sweep();
    expect(sent('cancel')).toHaveLength(repeated);
  });

  it('goes on after a restart of the orchestrator', async () => {
    const run = await running();
    await cancel(run);
    await nest.close();
    await start();
    await around.clock.advance(2000);
    await nest.get(CancelSender).sweep();
    await eventually(() => sent('cancel').length === 1);
    expect(sent('cancel')[0]).toMatchObject({ runId: run.id, why: 'cancelled' });
  });

  it('tells the agent again after an acceptance that has crossed the cancel', async () => {
    await join();
    const run = await ask();
    await eventually(() => sent('offer').length === 1);
    await cancel(run);
    await eventually(() => sent('cancel').length === 1);
    await accept(run);
    expect((await stored(run)).state).toBe('running');
    await nest.get(CancelSender).sweep();
    await eventually(() => sent('cancel').length === 2);
  });

  it('ends a run as cancelled when it is proved that its offer has not arrived', async () => {
    await join();
    let deliver = (): void => {};
    const held = new Promise<void>((resolve) => (deliver = resolve));
    link.verdict = 'not-sent';
    link.onSend = () => held;
    const run = await ask();
    await eventually(() => link.sent.length === 1);
    await cancel(run);
    deliver();
    await eventually(async () => (await stored(run)).state === 'cancelled');
    expect(await stored(run)).toMatchObject({ executed: 'no', inDoubt: 0, cancelRequested: true });
  });

  it('gives it to an agent that cannot be dialled as the answer to its next word', async () => {
    await join(null);
    const run = await ask();
    const offered = agent.open(await link.speak(AGENT, [agent.heartbeat()]));
    expect(offered.map(({ kind }) => kind)).toContain('offer');
    await accept(run);
    await cancel(run);
    const told = agent.open(await link.speak(AGENT, [agent.heartbeat()]));
    expect(told).toContainEqual(expect.objectContaining({ kind: 'cancel', runId: run.id, why: 'cancelled' }));
  });

  it('says nothing of deliverBy of a run that was cancelled', async () => {
    await join();
    link.verdict = 'unknown';
    const run = await ask(1);
    await eventually(() => sent('offer').length === 1);
    await cancel(run);
    await around.clock.advance(5000);
    await nest.get(Overdue).sweep();
    await nest.get(CancelSender).sweep();
    expect(new Set(sent('cancel').map((header) => 'why' in header && header.why))).toEqual(new Set(['cancelled']));
  });
});

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 5000; turn += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`waited in vain for ${holds.toString()}`);
}

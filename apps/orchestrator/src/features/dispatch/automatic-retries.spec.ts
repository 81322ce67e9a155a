import { createHash } from 'node:crypto';
import { Test, type TestingModule } from '@nestjs/testing';
import { MAIN_PRINCIPAL, type AgentId, type FromAgentHeader, type RunId } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldLink, SpeakingAgent } from '../../test-support/speaking-agent.js';
import { surroundingsOn, type Surroundings } from '../../test-support/surroundings.js';
import { RunCancels, RunsService, RunsStore, type Run } from '../runs/index.js';
import { DispatchModule } from './dispatch.module.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const BY = { kind: 'operator', id: MAIN_PRINCIPAL } as const;
const NO_BYTES = createHash('sha256').digest('hex');

describe('runs that are tried again automatically', () => {
  let db: Database;
  let around: Surroundings;
  let nest: TestingModule;
  let link: HeldLink;
  let agent: SpeakingAgent;
  let offered: RunId[];

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
    agent = new SpeakingAgent(AGENT, 'an-agent-key-for-tests-of-32-chars');
    await agent.insertInto(db, nest.get(SecretBox), nest.get(AgentKeyDigester), 'db-1', 'http://10.0.0.1:5001');
    await link.speak(AGENT, [agent.hello(-1)]);
    await link.speak(AGENT, [agent.hello(0)]);
    await link.speak(AGENT, [agent.heartbeat({ freeSlots: 64 })]);
    await settled();
    offered = [];
    link.onSend = () => {
      for (const header of agent.open(link.sent.at(-1)?.frames ?? [])) {
        if (header.kind === 'offer') offered.push(header.runId);
      }
      return Promise.resolve();
    };
  });
  afterEach(async () => {
    await nest.close();
    await closeTestDatabase(db);
  });

  async function ask(retries: number): Promise<Run> {
    const request = { agent: 'db-1', script: 'hello', params: {}, retries, origin: 'api' } as const;
    const limits = { timeoutSeconds: undefined, deliverWithinSeconds: 60 };
    const run = await nest.get(RunsService).accept({ ...request, ...limits }, BY);
    await settled();
    return run;
  }
  async function setIdempotent(idempotent: boolean): Promise<void> {
    const manifest = JSON.stringify({ scripts: [{ name: 'hello', idempotent }], faults: [] });
    await db.write((trx) => trx.updateTable('agents').set({ manifest }).where('id', '=', AGENT).execute());
  }
  async function say(id: RunId, message: object): Promise<void> {
    const about = { runId: id, receipt: 'r'.repeat(43) };
    await link.speak(AGENT, [agent.seal({ ...about, ...message } as unknown as FromAgentHeader)]);
    await settled();
  }
  const fail = (id: RunId) =>
    say(id, {
      kind: 'result',
      code: 1,
      signal: null,
      lengths: { stdout: 0, stderr: 0 },
      sha256: { stdout: NO_BYTES, stderr: NO_BYTES },
      killedBy: null,
      truncated: false,
      dropped: { stdout: 0, stderr: 0 },
      durationMs: 10,
    });
  const refuse = (id: RunId) =>
    say(id, { kind: 'refused', code: 'manifest/invalid', why: 'broken', belowFloor: false });
  const stored = async (id: RunId): Promise<Run> => (await nest.get(RunsStore).find(id)) as Run;
  const nextOf = async (id: RunId): Promise<Run> => stored((await stored(id)).retriedBy as RunId);
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 250) {
      await around.clock.advance(250);
      await settled();
    }
  }

  it('are asked for again in the transaction of their end, and leave when their time has come', async () => {
    const first = await ask(1);
    await refuse(first.id);
    const second = await nextOf(first.id);
    expect(second).toMatchObject({ state: 'queued', attempt: 2, retries: 1, retryOf: first.id });
    expect(second.deliverByMs - (second.notBeforeMs ?? 0)).toBe(60_000);
    await pass(4500);
    expect(offered).toEqual([first.id]);
    await pass(2000);
    expect([...new Set(offered)]).toEqual([first.id, second.id]);
    expect(await stored(second.id)).toMatchObject({ state: 'dispatched' });
    await refuse(second.id);
    expect(await stored(second.id)).toMatchObject({ state: 'rejected', retriedBy: null });
  });

  it('hold back nobody else while they wait', async () => {
    const first = await ask(3);
    await refuse(first.id);
    expect((await ask(0)).state).toBe('dispatched');
  });

  it('are left alone when something was executed and the manifest does not allow it', async () => {
    await setIdempotent(false);
    const { id } = await ask(3);
    await fail(id);
    expect(await stored(id)).toMatchObject({ state: 'failed', retriedBy: null });
  });

  it('are tried again after a failure when the manifest says that it does no harm', async () => {
    await setIdempotent(true);
    const { id } = await ask(3);
    await fail(id);
    expect(await nextOf(id)).toMatchObject({ state: 'queued', attempt: 2 });
  });

  it('make one new run, however often the end is told', async () => {
    await setIdempotent(true);
    const { id } = await ask(3);
    await Promise.all([fail(id), fail(id)]);
    await fail(id);
    const filter = { limit: 10, state: null, agent: null, script: null, retryOf: id, before: null };
    expect(await nest.get(RunsStore).list(filter)).toHaveLength(1);
  });

  it('end when the one that waits is cancelled', async () => {
    const first = await ask(3);
    await refuse(first.id);
    const { id } = await nextOf(first.id);
    await nest.get(RunCancels).cancel(id, null, BY);
    await pass(10_000);
    expect(await stored(id)).toMatchObject({ state: 'cancelled', executed: 'no', retriedBy: null });
    expect(offered).toEqual([first.id]);
  });

  it('expire when nobody takes them in time', async () => {
    const first = await ask(1);
    await refuse(first.id);
    const { id } = await nextOf(first.id);
    link.verdict = 'not-sent';
    await pass(70_000);
    expect(await stored(id)).toMatchObject({ state: 'expired', executed: 'no', retriedBy: null });
  });

  it('stand in the audit as asked for by the system in place of the one before', async () => {
    const first = await ask(1);
    await refuse(first.id);
    const { id } = await nextOf(first.id);
    const [entry] = await db.read.selectFrom('audit').selectAll().where('subject', '=', id).execute();
    expect(entry).toMatchObject({ principal: 'system', action: 'run.accepted' });
    expect(JSON.parse(entry?.detail ?? '')).toMatchObject({ retryOf: first.id, attempt: 2 });
  });
});

/** What was begun by the last timer or message comes to rest. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 25; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

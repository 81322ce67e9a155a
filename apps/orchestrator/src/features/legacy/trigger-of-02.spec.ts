/** /trigger-script on an agent of ScriptMesh 0.2 that answers as the test says. */
import { Test, type TestingModule } from '@nestjs/testing';
import { MAIN_PRINCIPAL, type AgentId, type LegacyReply } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SpeakingAgent } from '../../test-support/speaking-agent.js';
import { surroundingsOn, type Surroundings } from '../../test-support/surroundings.js';
import { LegacyAgentCalls, type LegacyAnswer, type StartedCall } from '../legacy-calls/index.js';
import { LegacyModule } from './legacy.module.js';
import { TriggerOf02 } from './trigger-of-02.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const BY = { kind: 'operator', id: MAIN_PRINCIPAL } as const;
const SILENT: LegacyAnswer = { kind: 'unknown', why: 'no answer within 3 s' };
const SUCCESS = '{"status":"success","script":"s","output":{"stdout":"out","stderr":"","returncode":0}}';

class HeldCalls extends LegacyAgentCalls {
  beat: LegacyAnswer = { kind: 'answered', status: 200, body: '{}' };
  readonly landings: ((answer: LegacyAnswer) => void)[] = [];
  override heartbeat(): Promise<LegacyAnswer> {
    return Promise.resolve(this.beat);
  }
  override getScripts(): Promise<LegacyAnswer> {
    return Promise.resolve(this.beat);
  }
  override runScript(): StartedCall {
    let tell = (_answer: LegacyAnswer): void => {};
    const answer = new Promise<LegacyAnswer>((resolve) => (tell = resolve));
    this.landings.push(tell);
    return { left: Promise.resolve(true), answer, abort: (why) => tell({ kind: 'unknown', why }) };
  }
}

describe('POST /trigger-script on an agent of ScriptMesh 0.2', () => {
  let db: Database;
  let around: Surroundings;
  let nest: TestingModule;
  let calls: HeldCalls;

  beforeEach(async () => {
    db = await openTestDatabase();
    calls = new HeldCalls();
    around = surroundingsOn(db);
    nest = await Test.createTestingModule({ imports: [around.module, LegacyModule] })
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

  const trigger = (): Promise<LegacyReply> =>
    nest.get(TriggerOf02).trigger({ script: 's', agent: 'old-1' }, BY, new AbortController().signal);
  const calledTimes = async (times: number): Promise<void> => {
    await expect.poll(() => calls.landings.length).toBe(times);
  };
  const stateOfRun = async (): Promise<string | undefined> =>
    (await db.read.selectFrom('runs').select('state').executeTakeFirst())?.state;
  const land = (index: number): void => calls.landings[index]?.({ kind: 'answered', status: 200, body: SUCCESS });

  it('waits, as 0.2 did, for an agent that answers nothing while it runs a script for us', async () => {
    const first = trigger();
    await calledTimes(1);
    calls.beat = SILENT;
    const second = trigger();
    await calledTimes(2);
    land(0);
    land(1);
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });

  it('tells of an agent that is silent although nothing runs there', async () => {
    calls.beat = SILENT;
    expect(await trigger()).toEqual({
      status: 500,
      json: '{"detail":"Agent unreachable: no answer within 3 s"}',
    });
    expect(calls.landings).toEqual([]);
  });

  it('ends a run that another instance has put back into the queue, of which nobody here is told', async () => {
    const answer = trigger();
    await calledTimes(1);
    await db.write((trx) => trx.updateTable('runs').set({ state: 'queued', in_doubt: 0 }).execute());
    await expect.poll(async () => (await around.clock.advance(15_000), await stateOfRun())).toBe('expired');
    // Not by its deliverBy, which is ten minutes away.
    expect(around.clock.monotonicMs()).toBeLessThan(120_000);
    expect((await answer).json).toMatch(/^{"detail":"Agent unreachable: the script was not started: /);
  });

  it('tells of an agent that is gone although a script of ours was running there', async () => {
    const first = trigger();
    await calledTimes(1);
    calls.beat = { kind: 'not-sent', why: 'connect ECONNREFUSED' };
    expect((await trigger()).json).toContain('ECONNREFUSED');
    land(0);
    expect((await first).status).toBe(200);
  });
});

import { Test, type TestingModule } from '@nestjs/testing';
import type { AgentId } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldLink, journal, SpeakingAgent, START_ID } from '../../test-support/speaking-agent.js';
import { surroundingsOn, type Surroundings } from '../../test-support/surroundings.js';
import { AgentDirectory, AgentNotes, type Agent } from '../registry/index.js';
import { AgentLiveness } from './agent-liveness.js';
import { HeartbeatModule } from './heartbeat.module.js';
import { SweepService } from './sweep.service.js';

const ID = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const SHA = 'd'.repeat(64);

describe('heartbeat', () => {
  let db: Database;
  let around: Surroundings;
  let nest: TestingModule;
  let link: HeldLink;
  let agent: SpeakingAgent;

  beforeEach(async () => {
    db = await openTestDatabase();
    around = surroundingsOn(db);
    link = new HeldLink();
    nest = await Test.createTestingModule({ imports: [around.module, HeartbeatModule] })
      .overrideProvider(HttpAgentLink)
      .useValue(link)
      .overrideProvider(AgentLink)
      .useValue(link)
      .compile();
    await nest.init();
    agent = new SpeakingAgent(ID, 'an-agent-key-for-tests-of-32-chars');
    await agent.insertInto(db, nest.get(SecretBox), nest.get(AgentKeyDigester), 'db-1', 'http://10.0.0.1:5001');
  });
  afterEach(async () => {
    await nest.close();
    await closeTestDatabase(db);
  });

  /** Of its own accord. */
  const speak = async (...frames: Uint8Array[]) => {
    nest.get(AgentNotes).noteSpeaksItself(ID);
    return answer(...frames);
  };
  const answer = async (...frames: Uint8Array[]) => agent.open(await link.speak(ID, frames));
  const stored = () => nest.get(AgentDirectory).getAgent(ID);
  const livenessNow = async () => nest.get(AgentLiveness).livenessOf(await stored());
  /** As a fresh agent does: the first hello knows no epoch. */
  const introduce = async () => {
    await speak(agent.hello(-1));
    return speak(agent.hello(0));
  };

  it('tells an agent that knows no epoch the current one, and takes its journal with the next hello', async () => {
    const [first] = await speak(agent.hello(-1));
    expect(first).toMatchObject({ kind: 'welcome', startId: START_ID, epoch: 0, countSeen: -1, agentId: ID });
    expect(await stored()).toMatchObject({ journalId: null, epoch: 0 });

    const [second] = await speak(agent.hello(0, { recordCount: 3 }));
    expect(second).toMatchObject({ kind: 'welcome', epoch: 1, countSeen: 3, journalId: journal('a') });
    expect(await stored()).toMatchObject({ journalId: journal('a'), epoch: 1, countSeen: 3 });
  });

  it('welcomes the same journal again, whatever epoch the hello names, and tells the count it has seen', async () => {
    await introduce();
    await speak(agent.heartbeat({}, { recordCount: 7 }));
    const [welcome] = await speak(agent.hello(-1, { recordCount: 5 }));
    expect(welcome).toMatchObject({ kind: 'welcome', epoch: 1, countSeen: 7 });
  });

  it('retires the old journal when a new one comes with the current epoch, and turns its frames away', async () => {
    await introduce();
    const [welcome] = await speak(agent.hello(1, { journalId: journal('b') }));
    expect(welcome).toMatchObject({ kind: 'welcome', epoch: 2, countSeen: 0, journalId: journal('b') });

    const late = await speak(agent.heartbeat({ freeSlots: 9 }, { journalId: journal('a'), recordCount: 99 }));
    expect(late).toMatchObject([{ kind: 'journal/retired', retiredJournalId: journal('a') }]);
    expect(await stored()).toMatchObject({ journalId: journal('b'), countSeen: 0, freeSlots: 4 });
    const back = await speak(agent.hello(2, { journalId: journal('a') }));
    expect(back).toMatchObject([{ kind: 'journal/retired' }]);
    expect(await stored()).toMatchObject({ journalId: journal('b'), epoch: 2 });
  });

  it('does not take a journal from a hello that is older than the last change', async () => {
    await introduce();
    const [answer] = await speak(agent.hello(0, { journalId: journal('b') }));
    expect(answer).toMatchObject({ kind: 'welcome', epoch: 1, countSeen: -1 });
    expect(await stored()).toMatchObject({ journalId: journal('a'), epoch: 1 });
  });

  it('drops frames of a journal that it does not know, and wants a hello', async () => {
    await introduce();
    expect(await speak(agent.heartbeat({ freeSlots: 9 }, { journalId: journal('e'), recordCount: 50 }))).toMatchObject([
      { kind: 'helloWanted' },
    ]);
    expect(await stored()).toMatchObject({ freeSlots: 4, countSeen: 0 });
  });

  it('keeps the manifest, and asks for it when a sign of life names another one', async () => {
    await introduce();
    const bytes = Buffer.from(JSON.stringify({ scripts: [{ name: 'hello', path: 'scripts/hello.sh' }], faults: [] }));
    expect(await speak(agent.seal({ kind: 'manifest', manifestSha: SHA }, { bytes }))).toEqual([]);
    expect(await stored()).toMatchObject({ manifestSha: SHA });
    expect(await speak(agent.heartbeat({ manifestSha: SHA }))).toEqual([]);
    expect(await speak(agent.heartbeat({ manifestSha: 'e'.repeat(64) }))).toMatchObject([{ kind: 'manifestWanted' }]);
  });

  it.each([
    ['no JSON', Buffer.from('{"scripts":')],
    ['a megabyte too much', Buffer.alloc(1_100_000, 0x20)],
  ])('keeps the last good manifest when %s comes', async (_what, bytes) => {
    await introduce();
    await speak(
      agent.seal({ kind: 'manifest', manifestSha: SHA }, { bytes: Buffer.from('{"scripts":[],"faults":[]}') }),
    );
    await speak(agent.seal({ kind: 'manifest', manifestSha: 'f'.repeat(64) }, { bytes }));
    expect(await stored()).toMatchObject({ manifestSha: SHA });
  });

  it('refuses a whole list when one frame is not authentic, and acts on none of it', async () => {
    const forged = new SpeakingAgent(ID, 'some-other-key-of-32-characters!!!').heartbeat({ freeSlots: 9 });
    await expect(link.speak(ID, [agent.heartbeat({ freeSlots: 2 }), forged])).rejects.toMatchObject({
      code: 'message/bad-mac',
    });
    expect((await stored()).freeSlots).toBeNull();
  });

  it('refuses a frame that names another agent, though its MAC is right', async () => {
    const other = '019b7600-0000-7000-8000-0000000000b2' as AgentId;
    const impostor = new SpeakingAgent(other, agent.key);
    await expect(link.speak(ID, [impostor.heartbeat()])).rejects.toMatchObject({ code: 'auth/forbidden' });
  });

  it('calls an agent unknown before its first word, then online, suspect and offline as it stays silent', async () => {
    expect(await livenessNow()).toBe('unknown');
    await introduce();
    expect(await livenessNow()).toBe('online');
    await around.clock.advance(31_000);
    expect(await livenessNow()).toBe('suspect');
    await around.clock.advance(30_000);
    expect(await livenessNow()).toBe('offline');
  });

  it('gives an agent that is only polled as long as its sweeps take', async () => {
    await answer(agent.hello(-1));
    await around.clock.advance(89_000);
    expect(await livenessNow()).toBe('online');
    await around.clock.advance(60_000);
    expect(await livenessNow()).toBe('suspect');
    await around.clock.advance(60_000);
    expect(await livenessNow()).toBe('offline');
  });

  it('keeps an agent online that has lost its own way out but still answers the sweeps', async () => {
    await introduce();
    await around.clock.advance(60_001);
    await answer(agent.heartbeat());
    await around.clock.advance(59_000);
    expect(await livenessNow()).toBe('online');
  });

  it('has made durable how many records an agent has told of before it answers', async () => {
    await introduce();
    await speak(agent.heartbeat({}, { recordCount: 12 }));
    const row = await db.read.selectFrom('agents').select('count_seen').executeTakeFirst();
    expect(row?.count_seen).toBe(12);
  });

  it('is not misled by a wall clock that jumps', async () => {
    await introduce();
    around.clock.jumpWallClock(86_400_000);
    expect(await livenessNow()).toBe('online');
  });

  it('tells who waits for it that an agent is back, after what it said was handled', async () => {
    const back: Agent[] = [];
    nest.get(AgentLiveness).onBack((one) => back.push(one));
    await introduce();
    expect(back).toHaveLength(1);
    await speak(agent.heartbeat());
    expect(back).toHaveLength(1);
    await around.clock.advance(61_000);
    await speak(agent.heartbeat());
    expect(back).toHaveLength(2);
    expect(back[1]).toMatchObject({ id: ID, journalId: journal('a') });
  });

  it('passes on the free slots of every sign of life', async () => {
    const told: number[] = [];
    nest.get(AgentLiveness).onFreeSlots((_, freeSlots) => told.push(freeSlots));
    await introduce();
    await speak(agent.heartbeat({ freeSlots: 0 }));
    expect(told.at(-1)).toBe(0);
  });

  it('polls every agent with an address, and never twice at once', async () => {
    let release = (): void => {};
    link.onSend = () => new Promise((resolve) => (release = resolve));
    const sweeps = nest.get(SweepService);
    const first = sweeps.sweep();
    const second = sweeps.sweep();
    await expect.poll(async () => (await around.clock.advance(1000), link.sent.length)).toBe(1);
    release();
    await Promise.all([first, second]);
    expect(link.sent).toMatchObject([{ agent: { agentId: ID, url: 'http://10.0.0.1:5001' }, frames: [] }]);
  });

  it('polls each of many agents once, a few in each turn', async () => {
    const box = nest.get(SecretBox);
    for (let n = 0; n < 110; n += 1) {
      const id = `019b7600-0000-7000-8000-${String(n).padStart(12, '0')}` as AgentId;
      const other = new SpeakingAgent(id, 'an-agent-key-for-tests-of-32-chars');
      await other.insertInto(db, box, nest.get(AgentKeyDigester), `node-${n}`, `http://10.0.1.${n}:5001`);
    }
    const swept = nest.get(SweepService).sweep();
    await expect.poll(() => link.sent.length).toBe(8);
    await around.clock.advance(5);
    await expect.poll(() => link.sent.length).toBe(16);
    const ended = { yet: false };
    void swept.then(() => (ended.yet = true));
    while (!ended.yet) await around.clock.advance(5);
    expect(new Set(link.sent.map((sent) => sent.agent.agentId)).size).toBe(111);
    expect(link.sent).toHaveLength(111);
  });

  it('gives every agent a fresh window when the sweeper itself stood still', async () => {
    await introduce();
    await sweepNow();
    await around.clock.advance(3_600_000);
    await sweepNow();
    expect(await livenessNow()).toBe('online');
    await around.clock.advance(61_000);
    expect(await livenessNow()).toBe('offline');
  });

  async function sweepNow(): Promise<void> {
    const ended = { yet: false };
    void nest
      .get(SweepService)
      .sweep()
      .then(() => (ended.yet = true));
    while (!ended.yet) await around.clock.advance(10);
  }
});

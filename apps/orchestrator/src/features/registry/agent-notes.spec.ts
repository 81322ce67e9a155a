import type { AgentId } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { describeOnEveryDatabase } from '@scriptmesh/testing';
import { beforeEach, expect, it } from 'vitest';
import { journal, SpeakingAgent } from '../../test-support/speaking-agent.js';
import { surroundingsOn, type Surroundings } from '../../test-support/surroundings.js';
import { AgentKeyDigester, makeFernetKey, SecretBox } from '@scriptmesh/crypto';
import { AgentNotes } from './agent-notes.js';

const ID = '019b7600-0000-7000-8000-0000000000a1' as AgentId;

describeOnEveryDatabase('notes of agents', (openDb) => {
  let db: Database;
  let around: Surroundings;
  let notes: AgentNotes;
  beforeEach(async () => {
    db = await openDb();
    around = surroundingsOn(db);
    notes = new AgentNotes(db, around.clock);
    const key = makeFernetKey();
    const agent = new SpeakingAgent(ID, 'an-agent-key-for-tests-of-32-chars');
    await agent.insertInto(db, new SecretBox([key], around.clock), new AgentKeyDigester(key));
    await db.write((trx) =>
      trx
        .updateTable('agents')
        .set({ journal_id: journal('a'), count_seen: 5 })
        .execute(),
    );
  });
  const row = () => db.read.selectFrom('agents').selectAll().where('id', '=', ID).executeTakeFirstOrThrow();

  it('writes signs of life together, and nothing when nothing is new', async () => {
    notes.heard(ID);
    notes.noteFreeSlots(ID, 3);
    expect(await row()).toMatchObject({ last_seen_at: null, free_slots: null });
    await notes.flush();
    expect(await row()).toMatchObject({ last_seen_at: around.clock.nowMs(), free_slots: 3 });
    const { storeSeq } = db;
    await notes.flush();
    expect(db.storeSeq).toBe(storeSeq);
  });

  it('writes the signs of more agents than one statement holds, each its own', async () => {
    const ids = Array.from(
      { length: 205 },
      (_, n) => `019b7600-0000-7000-8000-${String(n).padStart(12, '0')}` as AgentId,
    );
    const key = makeFernetKey();
    const box = new SecretBox([key], around.clock);
    for (const [n, id] of ids.entries()) {
      const other = new SpeakingAgent(id, 'an-agent-key-for-tests-of-32-chars');
      await other.insertInto(db, box, new AgentKeyDigester(key), `node-${n}`);
    }
    for (const [n, id] of ids.entries()) {
      notes.heard(id);
      notes.noteFreeSlots(id, n);
    }
    await notes.flush();
    const rows = await db.read.selectFrom('agents').selectAll().where('id', '!=', ID).orderBy('id').execute();
    expect(rows.map(({ free_slots }) => free_slots)).toEqual(ids.map((_, n) => n));
    expect(new Set(rows.map(({ last_seen_at }) => last_seen_at))).toEqual(new Set([around.clock.nowMs()]));
    expect(await row()).toMatchObject({ last_seen_at: null });
  });

  it('raises the count of the current journal, and never lowers it', async () => {
    notes.noteCount(ID, journal('a'), 9);
    notes.noteCount(ID, journal('a'), 7);
    await notes.keepCount(ID);
    expect((await row()).count_seen).toBe(9);
    const later = new AgentNotes(db, around.clock);
    later.noteCount(ID, journal('a'), 8);
    await later.keepCount(ID);
    expect((await row()).count_seen).toBe(9);
  });

  it('does not count the records of a journal that was retired meanwhile for the new one', async () => {
    notes.noteCount(ID, journal('b'), 99);
    await notes.keepCount(ID);
    expect((await row()).count_seen).toBe(5);
  });

  it('knows nothing of an agent that was forgotten', async () => {
    notes.heard(ID);
    notes.forget(ID);
    await notes.flush();
    expect((await row()).last_seen_at).toBeNull();
    expect(notes.find(ID)).toBeUndefined();
  });
});

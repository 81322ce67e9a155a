import { Injectable } from '@nestjs/common';
import type { AgentId, JournalId } from '@scriptmesh/contracts';
import { Database, PreparedQuery, type Writer } from '@scriptmesh/database';
import { Clock } from '@scriptmesh/runtime';
import { sql } from 'kysely';

/** What was heard of an agent, and when it was heard last by a clock that does not jump. */
export interface AgentNote {
  /** Wall clock; null before the first word since the start of this program. */
  lastSeenAtMs: number | null;
  lastHeardMonotonicMs: number;
  /** When it last opened a connection itself, instead of only answering ours. */
  lastSpokeItselfMonotonicMs: number;
  /** The journal that `countSeen` belongs to. */
  journalId: JournalId | null;
  countSeen: number;
  countWritten: number;
  freeSlots: number | null;
  /** What the last sweep found, and when (wall clock); null before the first. */
  checked: { readonly result: CheckResult; readonly atMs: number } | null;
}

/** In the words of 0.2's /agent-status. */
export type CheckResult = 'online' | 'offline' | `error ${number}`;

/** A sign of life as it is written down. */
interface Sign {
  readonly id: AgentId;
  readonly lastSeenAtMs: number | null;
  readonly freeSlots: number | null;
}

/** One statement for so many rows costs a millisecond or two. */
const ROWS_IN_ONE_WRITE = 100;

const KEEP_COUNT = new PreparedQuery(
  (db, { agent, journalId, countSeen }: { agent: AgentId; journalId: JournalId | null; countSeen: number }) =>
    db
      .updateTable('agents')
      .set({ count_seen: countSeen })
      .where('id', '=', agent)
      .where('journal_id', '=', journalId)
      .where('count_seen', '<', countSeen),
);

/**
 * Signs of life change with every message, so they live in memory and are written together every few seconds.
 * A crash loses some seconds of them; nothing that is promised depends on that. Record counts are different: that an
 * older spool is noticed depends on them, so they are written before the message that told of them is answered.
 */
@Injectable()
export class AgentNotes {
  readonly #notes = new Map<AgentId, AgentNote>();
  readonly #unwritten = new Set<AgentId>();

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  find(agent: AgentId): AgentNote | undefined {
    return this.#notes.get(agent);
  }

  heard(agent: AgentId): void {
    const note = this.#noteOf(agent);
    note.lastSeenAtMs = this.clock.nowMs();
    note.lastHeardMonotonicMs = this.clock.monotonicMs();
    this.#unwritten.add(agent);
  }

  noteSpeaksItself(agent: AgentId): void {
    this.#noteOf(agent).lastSpokeItselfMonotonicMs = this.clock.monotonicMs();
  }

  noteFreeSlots(agent: AgentId, freeSlots: number): void {
    this.#noteOf(agent).freeSlots = freeSlots;
    this.#unwritten.add(agent);
  }

  noteChecked(agent: AgentId, result: CheckResult): void {
    this.#noteOf(agent).checked = { result, atMs: this.clock.nowMs() };
  }

  /** @param journalId the agent's current journal, of which a frame told this count */
  noteCount(agent: AgentId, journalId: JournalId, recordCount: number): void {
    const note = this.#noteOf(agent);
    if (note.journalId !== journalId) Object.assign(note, { journalId, countSeen: 0, countWritten: 0 });
    note.countSeen = Math.max(note.countSeen, recordCount);
  }

  /** Resolves when the highest count that was noted is durable. */
  async keepCount(agent: AgentId): Promise<void> {
    const note = this.#notes.get(agent);
    if (!note || note.countSeen <= note.countWritten) return;
    const { journalId, countSeen } = note;
    await this.db.write((trx) => KEEP_COUNT.run(trx, { agent, journalId, countSeen }));
    if (note.journalId === journalId) note.countWritten = Math.max(note.countWritten, countSeen);
  }

  forget(agent: AgentId): void {
    this.#notes.delete(agent);
    this.#unwritten.delete(agent);
  }

  /** Writes the signs of life that are new. @throws what the store throws; the rest stays for the next time */
  async flush(): Promise<void> {
    const changed = [...this.#unwritten].flatMap((id) => {
      const note = this.#notes.get(id);
      return note ? [{ id, lastSeenAtMs: note.lastSeenAtMs, freeSlots: note.freeSlots }] : [];
    });
    this.#unwritten.clear();
    if (changed.length === 0) return;
    // Slices, each in a commit of its own: thousands of rows in one would hold every other write and request up.
    for (let at = 0; at < changed.length; at += ROWS_IN_ONE_WRITE) {
      const rows = changed.slice(at, at + ROWS_IN_ONE_WRITE);
      await this.db
        .write((trx) => writeSigns(trx, rows))
        .catch((error: unknown) => this.#keepForLater(changed, at, error));
    }
  }

  /** What was not written is written next time, with what is new by then. */
  #keepForLater(changed: readonly Sign[], from: number, error: unknown): never {
    for (const { id } of changed.slice(from)) if (this.#notes.has(id)) this.#unwritten.add(id);
    throw error;
  }

  #noteOf(agent: AgentId): AgentNote {
    const known = this.#notes.get(agent);
    if (known) return known;
    const note: AgentNote = {
      lastSeenAtMs: null,
      lastHeardMonotonicMs: -Infinity,
      lastSpokeItselfMonotonicMs: -Infinity,
      journalId: null,
      countSeen: 0,
      countWritten: 0,
      freeSlots: null,
      checked: null,
    };
    this.#notes.set(agent, note);
    return note;
  }
}

// Both engines name the columns of VALUES column1, column2, ...; PostgreSQL takes a parameter there for text.
async function writeSigns(trx: Writer, signs: readonly Sign[]): Promise<void> {
  const rows = signs.map(
    ({ id, lastSeenAtMs, freeSlots }) => sql`(${id}, cast(${lastSeenAtMs} as bigint), cast(${freeSlots} as bigint))`,
  );
  await sql`
    update agents set last_seen_at = told.column2, free_slots = told.column3
    from (values ${sql.join(rows)}) as told where agents.id = told.column1`.execute(trx);
}

import { Injectable } from '@nestjs/common';
import type { AgentId, JournalId } from '@scriptmesh/contracts';
import { Database } from '@scriptmesh/database';
import { Clock } from '@scriptmesh/runtime';

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
    await this.db.write((trx) =>
      trx
        .updateTable('agents')
        .set({ count_seen: countSeen })
        .where('id', '=', agent)
        .where('journal_id', '=', journalId)
        .where('count_seen', '<', countSeen)
        .execute(),
    );
    if (note.journalId === journalId) note.countWritten = Math.max(note.countWritten, countSeen);
  }

  forget(agent: AgentId): void {
    this.#notes.delete(agent);
    this.#unwritten.delete(agent);
  }

  /** Writes the signs of life that are new, in one commit. */
  async flush(): Promise<void> {
    const changed = [...this.#unwritten].flatMap((id) => {
      const note = this.#notes.get(id);
      return note ? [{ id, last_seen_at: note.lastSeenAtMs, free_slots: note.freeSlots }] : [];
    });
    this.#unwritten.clear();
    if (changed.length === 0) return;
    await this.db.write(async (trx) => {
      for (const { id, ...values } of changed) {
        await trx.updateTable('agents').set(values).where('id', '=', id).execute();
      }
    });
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

import { Injectable } from '@nestjs/common';
import { MeshError, parseFromAgent, type AgentId, type FromAgentHeader, type JournalId } from '@scriptmesh/contracts';
import type { Frame, FrameSealer } from '@scriptmesh/crypto';
import { Database } from '@scriptmesh/database';
import { Logger } from '@scriptmesh/logging';
import { AgentNotes, type Agent } from '../registry/index.js';
import type { Incoming, Outgoing } from './agent-links.js';
import { StoreWatch } from './store-watch.js';

/** What a received list holds: messages for the handlers, and what links itself has to say to the agent. */
export interface ReceivedList {
  readonly messages: readonly Incoming[];
  readonly answers: readonly Outgoing[];
}

/** Opens the frames of one list and judges their envelopes. One bad MAC refuses the whole list. */
@Injectable()
export class IncomingFrames {
  constructor(
    private readonly db: Database,
    private readonly notes: AgentNotes,
    private readonly store: StoreWatch,
    private readonly log: Logger,
  ) {}

  /** @throws MeshError message/bad-mac, message/malformed, message/unknown-version, message/unknown-kind */
  async open(agent: Agent, sealer: FrameSealer, frames: readonly Frame[]): Promise<ReceivedList> {
    const all = frames.map((frame) => openOne(agent, sealer, frame));
    this.#noteSignOfLife(agent, all);
    await this.store.check(
      agent.id,
      all.map(({ header }) => header),
    );
    const strange = new Set(
      all.map(({ header }) => header.journalId).filter((id) => id === null || id !== agent.journalId),
    );
    if (strange.size === 0) return { messages: all, answers: [] };
    const retired = await this.#findRetired(
      agent,
      [...strange].filter((id) => id !== null),
    );
    const messages = all.filter(({ header }) => this.#isHeard(agent, header, retired));
    const answers = [...retired].map((id): Outgoing => ({ kind: 'journal/retired', retiredJournalId: id }));
    // An agent that was welcomed says no hello by itself; but a restored database may not know its journal.
    const isUnknown = [...strange].some((id) => id !== null && !retired.has(id));
    const saysHello = all.some(({ header }) => header.kind === 'hello');
    return { messages, answers: isUnknown && !saysHello ? [...answers, { kind: 'helloWanted' }] : answers };
  }

  /** Resolves when the record counts that the agent told of are durable: only then may it be answered. */
  keepCount(agent: Agent): Promise<void> {
    return this.notes.keepCount(agent.id);
  }

  /** A message that could not even be made: the store did not answer, or the agent's key cannot be read. */
  noteUnsent(agentId: AgentId, error: unknown): undefined {
    this.log.warn('links.not-sent', { agentId, error });
  }

  #noteSignOfLife(agent: Agent, all: readonly Incoming[]): void {
    this.notes.heard(agent.id);
    for (const { header } of all) {
      if (header.journalId !== null && header.journalId === agent.journalId) {
        this.notes.noteCount(agent.id, header.journalId, header.recordCount);
      }
    }
  }

  /** Frames of a journal that is not the current one: only a hello may make it the current one. */
  #isHeard(agent: Agent, header: FromAgentHeader, retired: ReadonlySet<JournalId>): boolean {
    if (header.journalId !== null && retired.has(header.journalId)) return false;
    if (header.kind === 'hello' || (header.journalId !== null && header.journalId === agent.journalId)) return true;
    this.log.info('links.frame-of-unknown-journal', {
      agentId: agent.id,
      kind: header.kind,
      journalId: header.journalId,
    });
    return false;
  }

  async #findRetired(agent: Agent, journals: readonly JournalId[]): Promise<ReadonlySet<JournalId>> {
    if (journals.length === 0) return new Set();
    const rows = await this.db.read
      .selectFrom('retired_journals')
      .select('journal_id')
      .where('agent_id', '=', agent.id)
      .where('journal_id', 'in', journals)
      .execute();
    return new Set(rows.map(({ journal_id }) => journal_id as JournalId));
  }
}

function openOne(agent: Agent, sealer: FrameSealer, frame: Frame): Incoming {
  const { header: json, bytes } = sealer.open('from-agent', frame);
  const header = parseFromAgent(json);
  if (header.agentId !== agent.id)
    throw new MeshError('auth/forbidden', 'a frame names another agent than the one that sends it');
  return { header, bytes };
}

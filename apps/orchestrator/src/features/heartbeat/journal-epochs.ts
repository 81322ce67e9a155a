import { Injectable } from '@nestjs/common';
import { SYSTEM_PRINCIPAL, type FromAgentHeader, type Of } from '@scriptmesh/contracts';
import { Database } from '@scriptmesh/database';
import { failpoint } from '@scriptmesh/failpoints';
import { AuditLog } from '../audit/index.js';
import type { Outgoing } from '../links/index.js';
import { AgentNotes, type Agent } from '../registry/index.js';

type Hello = Of<FromAgentHeader, 'hello'>;

/**
 * Answers hellos. A new journal is taken only from a hello that carries the current epoch, because a hello may be old:
 * delayed on the network, or of a spool that was restored from a snapshot.
 */
@Injectable()
export class JournalEpochs {
  constructor(
    private readonly db: Database,
    private readonly notes: AgentNotes,
    private readonly audit: AuditLog,
  ) {}

  /** @returns the welcome; `countSeen` is -1 when the agent has to say hello again with the epoch it is told */
  async welcome(agent: Agent, hello: Hello): Promise<Outgoing> {
    const { startId, turn, journalId } = hello;
    const welcome = { kind: 'welcome', startId, ...(turn === undefined ? {} : { turn }), journalId } as const;
    if (journalId === null) return { ...welcome, epoch: agent.epoch, countSeen: -1 };
    if (journalId === agent.journalId) return { ...welcome, epoch: agent.epoch, countSeen: agent.countSeen };
    const taken = hello.epoch === agent.epoch && (await this.#takeJournal(agent, hello));
    if (!taken) return { ...welcome, epoch: agent.epoch, countSeen: -1 };
    return { ...welcome, epoch: agent.epoch + 1, countSeen: hello.recordCount };
  }

  /** @returns false when another hello was quicker */
  async #takeJournal(agent: Agent, { journalId, recordCount }: Hello): Promise<boolean> {
    const taken = await this.db.write(async (trx) => {
      const changed = await trx
        .updateTable('agents')
        .set({ journal_id: journalId, epoch: agent.epoch + 1, count_seen: recordCount })
        .where('id', '=', agent.id)
        .where('epoch', '=', agent.epoch)
        .executeTakeFirst();
      if (changed.numUpdatedRows !== 1n) return false;
      if (agent.journalId !== null) {
        await trx.insertInto('retired_journals').values({ agent_id: agent.id, journal_id: agent.journalId }).execute();
      }
      const detail = { journalId, retired: agent.journalId, epoch: agent.epoch + 1 };
      await this.audit.append(trx, [
        { principal: SYSTEM_PRINCIPAL, action: 'agent.journal-taken', subjectKind: 'agent', subject: agent.id, detail },
      ]);
      failpoint('store.epoch-before-commit');
      return true;
    });
    failpoint('store.epoch-committed');
    if (taken && journalId !== null) this.notes.noteCount(agent.id, journalId, recordCount);
    return taken;
  }
}

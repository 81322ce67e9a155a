import { Injectable } from '@nestjs/common';
import type { OrchestratorEnvelope } from '@scriptmesh/contracts';
import { ReceiptMaker } from '@scriptmesh/crypto';
import { Database } from '@scriptmesh/database';
import { Clock } from '@scriptmesh/runtime';
import type { Agent } from '../registry/index.js';

/** What every message says beside its own fields: time, commits so far, the agent's journal as we know it. */
@Injectable()
export class EnvelopeMaker {
  constructor(
    private readonly clock: Clock,
    private readonly db: Database,
    private readonly receipts: ReceiptMaker,
  ) {}

  make(agent: Agent): Pick<OrchestratorEnvelope, 'now' | 'storeSeq' | 'storeProof' | 'journalId'> {
    const { storeSeq } = this.db;
    const storeProof = this.receipts.proveStoreSeq(storeSeq, agent.id);
    return { now: this.clock.nowMs(), storeSeq, storeProof, journalId: agent.journalId };
  }
}

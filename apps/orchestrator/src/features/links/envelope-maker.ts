import { Injectable } from '@nestjs/common';
import type { OrchestratorEnvelope } from '@scriptmesh/contracts';
import { Database } from '@scriptmesh/database';
import { Clock } from '@scriptmesh/runtime';
import type { Agent } from '../registry/index.js';

/** What every message says beside its own fields: time, commits so far, the agent's journal as we know it. */
@Injectable()
export class EnvelopeMaker {
  constructor(
    private readonly clock: Clock,
    private readonly db: Database,
  ) {}

  make(agent: Agent): Pick<OrchestratorEnvelope, 'now' | 'storeSeq' | 'journalId'> {
    return { now: this.clock.nowMs(), storeSeq: this.db.storeSeq, journalId: agent.journalId };
  }
}

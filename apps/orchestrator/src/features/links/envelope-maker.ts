import { Injectable } from '@nestjs/common';
import type { OrchestratorEnvelope } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import type { Agent } from '../registry/index.js';
import { StoreWatch } from './store-watch.js';

/** What every message says beside its own fields: time, commits so far, the agent's journal as we know it. */
@Injectable()
export class EnvelopeMaker {
  constructor(
    private readonly clock: Clock,
    private readonly store: StoreWatch,
  ) {}

  make(agent: Agent): Pick<OrchestratorEnvelope, 'now' | 'storeSeq' | 'storeProof' | 'journalId'> {
    return { now: this.clock.nowMs(), ...this.store.tell(agent.id), journalId: agent.journalId };
  }
}

import { Injectable } from '@nestjs/common';
import { agentPrincipal, type RunId } from '@scriptmesh/contracts';
import { ReceiptMaker } from '@scriptmesh/crypto';
import { Logger } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import type { Incoming, Outgoing } from '../links/index.js';
import type { Agent } from '../registry/index.js';
import type { Evidence } from './domain/evidence.js';
import { adoptedRun } from './domain/restored-run.js';
import type { Run } from './domain/run.js';
import type { RunsInWork } from './runs-in-work.js';
import { RunsStore } from './runs.store.js';

/** Adopted runs of one agent that have not ended; further ones wait until these have. */
const MOST_ADOPTED = 1000;

/** `later`: nothing is said, so that the agent says it again. */
type Verdict = Run | 'not-ours' | 'later';

/**
 * Runs that an agent speaks of and the store does not have. After a restore they may be ours: the receipt, made with a
 * key that is not in the database, proves it. All others the agent may forget.
 */
@Injectable()
export class UnknownRuns {
  constructor(
    private readonly store: RunsStore,
    private readonly receipts: ReceiptMaker,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  async judge(agent: Agent, runs: RunsInWork, { runId, receipt, journalId, kind }: Evidence): Promise<Verdict> {
    // Adopting on "no record" would make a run out of our own question.
    if (kind === 'absent' || journalId === null) return 'not-ours';
    if (!this.receipts.isReceipt(receipt, runId, agent.id)) return this.#leave(agent, runId, 'no valid receipt');
    const floor = await this.store.findPrunedThrough();
    if (floor !== null && runId <= floor) return this.#leave(agent, runId, 'retention has removed it');
    if ((await this.store.countAdopted(runs.trx, agent.id)) >= MOST_ADOPTED) return 'later';
    const { id: agentId, name: agentName } = agent;
    const principal = agentPrincipal(agentId);
    const run = adoptedRun({ id: runId, agentId, agentName, journalId, principal, nowMs: this.clock.nowMs() });
    await runs.adopt(run);
    this.log.warn('runs.adopted', { runId, agentId, kind });
    return run;
  }

  #leave(agent: Agent, runId: RunId, why: string): 'not-ours' {
    this.log.info('runs.not-known', { runId, agentId: agent.id, why });
    return 'not-ours';
  }
}

/**
 * What lets an agent forget a run that is not ours to keep. The receipt is the one that it gave: one of our own making
 * would prove the run to be its own.
 */
export function letGo({ header, bytes }: Incoming<Evidence>): readonly Outgoing[] {
  const { runId, receipt, kind } = header;
  if (kind === 'chunk') {
    const { stream, offset } = header;
    return [{ kind: 'ackOutput', runId, receipt, stream, offset: offset + bytes.byteLength }];
  }
  return kind === 'result' || kind === 'spawnFailed' || kind === 'lost' ? [{ kind: 'ackResult', runId, receipt }] : [];
}

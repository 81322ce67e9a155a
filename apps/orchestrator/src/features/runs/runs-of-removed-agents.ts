import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '@scriptmesh/runtime';
import { AgentDirectory } from '../registry/index.js';
import { endRun, loseRun, unmoved, type Progress } from './domain/run-progress.js';
import type { Run } from './domain/run.js';
import { RunWriter } from './run-writer.js';
import { RunsStore } from './runs.store.js';

/** Ends the runs of an agent in the transaction that removes it. */
@Injectable()
export class RunsOfRemovedAgents implements OnModuleInit {
  constructor(
    private readonly agents: AgentDirectory,
    private readonly store: RunsStore,
    private readonly writer: RunWriter,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.agents.onRemoving(async (trx, agent, by) => {
      const live = await this.store.findLiveForChange(trx, agent.id);
      const nowMs = this.clock.nowMs();
      const ended: Progress[] = [];
      for (const run of live) ended.push(await this.writer.saveWithin(trx, by, run, endWithAgent(run, nowMs)));
      return () => this.writer.tell(ended);
    });
  }
}

/** The agent goes away for good: what cannot have reached it is cancelled, the rest is lost. */
function endWithAgent(run: Run, finishedAtMs: number): Progress {
  const reason = 'the agent was removed';
  if (run.state === 'queued' || (run.state === 'dispatched' && run.inDoubt === 0)) {
    return endRun(unmoved(run), { state: 'cancelled', executed: 'no', finishedAtMs, reason, cause: 'agent-removed' });
  }
  return loseRun(unmoved(run), finishedAtMs, reason, 'agent-removed');
}

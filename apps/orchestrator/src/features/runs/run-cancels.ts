import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { MeshError } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import { Clock } from '@scriptmesh/runtime';
import { cancelRun, isCancelling } from './domain/cancel.js';
import type { Run } from './domain/run.js';
import { RunWriter } from './run-writer.js';
import { RunsService } from './runs.service.js';

/** Takes wishes to cancel. What is sent to the agent is the business of dispatch, which listens. */
@Injectable()
export class RunCancels {
  readonly #listeners: ((run: Run) => void)[] = [];

  constructor(
    private readonly runs: RunsService,
    private readonly writer: RunWriter,
    private readonly clock: Clock,
  ) {}

  /** Called after the commit with a run whose agent has to be told. */
  onCancelling(listener: (run: Run) => void): void {
    this.#listeners.push(listener);
  }

  /** @throws MeshError run/not-found, run/already-final, run/wrong-state */
  async cancel(id: string, why: string | null, by: Principal): Promise<Run> {
    const known = await this.runs.getRun(id);
    const nowMs = this.clock.nowMs();
    const cancelled = await this.writer.write(by.id, async (runs) => {
      await runs.read([known.id]);
      const run = runs.find(known.id);
      if (!run) throw new MeshError('run/not-found', `there is no run "${known.id}" any more`);
      const progress = cancelRun(run, why, nowMs);
      if (progress.run !== run) {
        runs.apply(progress);
        const detail = { state: run.state, why };
        const about = { subjectKind: 'run', subject: run.id } as const;
        runs.decisions.push({ principal: by.id, action: 'run.cancel-requested', ...about, detail });
      }
      failpoint('store.cancel-before-commit');
      return progress.run;
    });
    failpoint('store.cancel-committed');
    if (isCancelling(cancelled)) for (const listener of this.#listeners) listener(cancelled);
    return cancelled;
  }
}

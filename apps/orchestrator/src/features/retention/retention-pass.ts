import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import type { RunId } from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import { RetentionStore } from './retention.store.js';

const RUNS_ON_A_PAGE = 500;
const RUNS_IN_A_BATCH = 100;
const DAY_MS = 86_400_000;

/** Up to which run, counted from the oldest, rows and output are too many; null when they are not. */
interface Limits {
  readonly runs: RunId | null;
  readonly output: RunId | null;
}

export interface Pruned {
  readonly runs: number;
  readonly outputs: number;
}

/** One look at all runs: removes what is too old, then what is too many, then output that is too much. */
@Injectable()
export class RetentionPass {
  #isStopped = false;

  constructor(
    private readonly store: RetentionStore,
    private readonly settings: OrchestratorSettings,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** What is under way ends after its batch. */
  stop(): void {
    this.#isStopped = true;
  }

  async run(): Promise<Pruned> {
    const oldestMs = this.clock.nowMs() - this.settings.runRetentionDays * DAY_MS;
    let runs = await this.#pruneRuns(() => this.store.listEndedBefore(oldestMs, RUNS_IN_A_BATCH));
    const limits = await this.#findLimits();
    const { runs: runsThrough, output } = limits;
    if (runsThrough) runs += await this.#pruneRuns(() => this.store.listEndedThrough(runsThrough, RUNS_IN_A_BATCH));
    const outputs = output ? await this.#pruneOutputs(output) : 0;
    if (runs + outputs > 0) this.log.info('retention.pruned', { runs, outputs });
    return { runs, outputs };
  }

  async #pruneRuns(next: () => Promise<readonly RunId[]>): Promise<number> {
    let count = 0;
    for (let ids = await next(); ids.length > 0 && !this.#isStopped; ids = await next()) {
      // Piece by piece first: a delete of the rows would take all of their output in one transaction.
      await this.store.pruneOutput(ids, this.clock.nowMs());
      await this.store.pruneRuns(ids);
      count += ids.length;
      await letOthersWork();
    }
    return count;
  }

  async #pruneOutputs(through: RunId): Promise<number> {
    const next = () => this.store.listOutputThrough(through, RUNS_IN_A_BATCH);
    let count = 0;
    for (let ids = await next(); ids.length > 0 && !this.#isStopped; ids = await next()) {
      await this.store.pruneOutput(ids, this.clock.nowMs());
      count += ids.length;
      await letOthersWork();
    }
    return count;
  }

  /** From the newest run on, adding up. */
  async #findLimits(): Promise<Limits> {
    const { runRetentionCount, runRetentionBytes } = this.settings;
    let [count, bytes] = [0, 0];
    let output: RunId | null = null;
    for (let before: RunId | null = null; !this.#isStopped;) {
      const page = await this.store.listPage(before, RUNS_ON_A_PAGE);
      for (const run of page) {
        count += Number(run.isFinal);
        if (count > runRetentionCount) return { runs: run.id, output };
        bytes += run.bytes;
        if (output === null && bytes > runRetentionBytes) output = run.id;
      }
      before = page.at(-1)?.id ?? null;
      if (page.length < RUNS_ON_A_PAGE) break;
      await letOthersWork();
    }
    return { runs: null, output };
  }
}

/** Requests get their turn between two pages. */
const letOthersWork = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

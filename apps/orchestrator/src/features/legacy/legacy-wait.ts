import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { isFinalState, type LegacyReply } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { endRun, RunFeed, RunsStore, RunWaiter, RunWriter, unmoved, type Run } from '../runs/index.js';
import { replyOfRun } from './domain/run-reply.js';

/** How often the row itself is looked at: another instance may have written it. */
const LOOK_EVERY_MS = 15_000;
/** Of each stream; what a script writes beyond it is in the run's output, not in this answer. */
const SHOWN_BYTES = 16 * 1024 * 1024;

/** What is needed to end a run that has come back into the queue. */
@Injectable()
export class QueueExit {
  constructor(
    private readonly writer: RunWriter,
    private readonly clock: Clock,
  ) {}

  async leave(run: Run, by: Principal): Promise<void> {
    await this.writer.write(by.id, async (runs) => {
      await runs.read([run.id]);
      const queued = runs.find(run.id);
      if (queued?.state !== 'queued') return;
      const reason = 'the agent is down, and a run of the 0.2 wire does not wait for it';
      runs.apply(
        endRun(unmoved(queued), { state: 'expired', executed: 'no', finishedAtMs: this.clock.nowMs(), reason }),
      );
    });
  }
}

/** Waits for the end of a run as long as it takes. The queue does not apply: a run whose agent turns out to be down ends. */
@Injectable()
export class LegacyWait {
  constructor(
    private readonly waiter: RunWaiter,
    private readonly feed: RunFeed,
    private readonly store: RunsStore,
    private readonly exit: QueueExit,
  ) {}

  /** @returns the run at its end, or as it is when the caller has gone or the program stops */
  async untilEnd(run: Run, by: Principal, gone: AbortSignal): Promise<Run> {
    const leave = async (changed: Run): Promise<void> => {
      // Sent once and queued again: it is proved that nothing arrived.
      if (changed.state === 'queued' && changed.offers > 0) await this.exit.leave(changed, by);
    };
    const unsubscribe = this.feed.onRun(run.id, (changed) => void leave(changed).catch(() => {}));
    try {
      let latest = run;
      while (!isFinalState(latest.state) && !gone.aborted && !this.feed.isClosing) {
        latest = await this.waiter.waitForEnd(latest, LOOK_EVERY_MS, gone);
        // Another instance may have put it back, or the store has failed us above.
        await leave(latest).catch(() => {});
      }
      return latest;
    } finally {
      unsubscribe();
    }
  }

  async replyOf(run: Run): Promise<LegacyReply> {
    const [stdout, stderr] = await Promise.all([
      this.store.readOutput(run.id, 'stdout', 0, SHOWN_BYTES),
      this.store.readOutput(run.id, 'stderr', 0, SHOWN_BYTES),
    ]);
    return replyOfRun(run, { stdout: stdout.subarray(0, SHOWN_BYTES), stderr: stderr.subarray(0, SHOWN_BYTES) });
  }
}

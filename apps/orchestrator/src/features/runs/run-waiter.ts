import { Injectable } from '@nestjs/common';
import { isFinalState } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import type { Run } from './domain/run.js';
import { RunFeed } from './run-feed.js';
import { RunsStore } from './runs.store.js';

/** Waits for the end of a run, or for another change of it. */
@Injectable()
export class RunWaiter {
  constructor(
    private readonly feed: RunFeed,
    private readonly store: RunsStore,
    private readonly clock: Clock,
  ) {}

  /** The run at its end, or as it is when the time is over, `gone` aborts or the program stops. */
  waitForEnd(run: Run, withinMs: number, gone: AbortSignal): Promise<Run> {
    return this.waitUntil(run, ({ state }) => isFinalState(state), withinMs, gone);
  }

  /** The run as soon as that holds, or as it is when the time is over, `gone` aborts or the program stops. */
  async waitUntil(run: Run, holds: (run: Run) => boolean, withinMs: number, gone: AbortSignal): Promise<Run> {
    let latest = run;
    let finish = (): void => {};
    const ended = new Promise<void>((resolve) => (finish = resolve));
    const unsubscribe = this.feed.onRun(run.id, (changed) => {
      latest = changed;
      if (holds(changed)) finish();
    });
    const timer = this.clock.after(withinMs, finish);
    gone.addEventListener('abort', finish, { once: true });
    const stopClosing = this.feed.onClosing(finish);
    if (gone.aborted || this.feed.isClosing) finish();
    // It may have changed between its commit and our listening; not when it is just born and nothing was told since.
    if (this.feed.lastTold(run.id) !== run)
      void this.store.find(run.id).then((stored) => {
        if (stored && stored.rev >= latest.rev) latest = stored;
        if (holds(latest)) finish();
      }, finish);
    await ended;
    unsubscribe();
    timer.stop();
    gone.removeEventListener('abort', finish);
    stopClosing();
    // What another instance has written told nobody here.
    return holds(latest) ? latest : ((await this.store.find(run.id)) ?? latest);
  }
}

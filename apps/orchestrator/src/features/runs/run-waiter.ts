import { Injectable } from '@nestjs/common';
import { isFinalState } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import type { Run } from './domain/run.js';
import { RunFeed } from './run-feed.js';
import { RunsStore } from './runs.store.js';

/** Waits for the end of a run. */
@Injectable()
export class RunWaiter {
  constructor(
    private readonly feed: RunFeed,
    private readonly store: RunsStore,
    private readonly clock: Clock,
  ) {}

  /** The run at its end, or as it is when the time is over or `gone` aborts. */
  async waitForEnd(run: Run, withinMs: number, gone: AbortSignal): Promise<Run> {
    let latest = run;
    let finish = (): void => {};
    const ended = new Promise<void>((resolve) => (finish = resolve));
    const unsubscribe = this.feed.onRun(run.id, (changed) => {
      latest = changed;
      if (isFinalState(changed.state)) finish();
    });
    const timer = this.clock.after(withinMs, finish);
    gone.addEventListener('abort', finish, { once: true });
    if (gone.aborted) finish();
    // It may have ended between its commit and our listening.
    void this.store.find(run.id).then((stored) => {
      if (stored && stored.rev >= latest.rev) latest = stored;
      if (isFinalState(latest.state)) finish();
    }, finish);
    await ended;
    unsubscribe();
    timer.stop();
    gone.removeEventListener('abort', finish);
    // What another instance has written told nobody here.
    return isFinalState(latest.state) ? latest : ((await this.store.find(run.id)) ?? latest);
  }
}

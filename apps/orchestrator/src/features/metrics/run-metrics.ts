import { Injectable } from '@nestjs/common';
import { isFinalState } from '@scriptmesh/contracts';
import { KnownNames, LONG_SECONDS, Metrics, SHORT_SECONDS } from '@scriptmesh/metrics';
import { RunFeed, type Run } from '../runs/index.js';

/** Counts runs as they move; a run is counted by the instance that moved it. */
@Injectable()
export class RunMetrics {
  readonly #scripts = new KnownNames();
  readonly #accepted;
  readonly #finished;
  readonly #lost;
  readonly #waits;
  readonly #starts;
  readonly #durations;

  constructor(metrics: Metrics, feed: RunFeed) {
    this.#accepted = metrics.counter({
      name: 'scriptmesh_runs_accepted_total',
      help: 'Runs that were accepted, by where they were asked for.',
      labels: ['origin'],
    });
    this.#finished = metrics.counter({
      name: 'scriptmesh_runs_finished_total',
      help: 'Runs that came to their end. Scripts that no agent has taken yet, and those beyond 200, are "other".',
      labels: ['state', 'script'],
    });
    // Without labels it stands at zero from the start, so that Prometheus sees the first one as a rise.
    this.#lost = metrics.counter({
      name: 'scriptmesh_runs_lost_total',
      help: 'Runs of which it is not known how they ended.',
    });
    this.#waits = metrics.histogram({
      name: 'scriptmesh_run_dispatch_delay_seconds',
      help: 'Time from the acceptance of a run to its first offer.',
      buckets: SHORT_SECONDS,
    });
    this.#starts = metrics.histogram({
      name: 'scriptmesh_run_start_delay_seconds',
      help: 'Time from the acceptance of a run to the word of its agent that it is taken.',
      buckets: SHORT_SECONDS,
    });
    this.#durations = metrics.histogram({
      name: 'scriptmesh_run_duration_seconds',
      help: 'Time from the start of a run to its end, by the state it ended in.',
      labels: ['state'],
      buckets: LONG_SECONDS,
    });
    feed.onAnyRun((run, moves) => {
      if (run.rev === 0) this.#accepted.add({ origin: run.origin });
      for (const { from, to } of moves) this.#noteMove(run, from, to);
    });
  }

  #noteMove(run: Run, from: Run['state'], to: Run['state']): void {
    const { script, createdAtMs, dispatchedAtMs, startedAtMs, finishedAtMs, offers } = run;
    // Also of runs that are claimed at their birth, which count one offer by then.
    if (to === 'dispatched' && offers <= 1 && dispatchedAtMs !== null)
      this.#waits.observe(seconds(createdAtMs, dispatchedAtMs));
    if (to === 'running') {
      this.#scripts.learn(script);
      if (startedAtMs !== null) this.#starts.observe(seconds(createdAtMs, startedAtMs));
    }
    if (!isFinalState(to) || from === to) return;
    if (to === 'lost') this.#lost.add();
    this.#finished.add({ state: to, script: this.#scripts.labelOf(script) });
    if (startedAtMs !== null && finishedAtMs !== null)
      this.#durations.observe(seconds(startedAtMs, finishedAtMs), { state: to });
  }
}

/** Clocks of several instances may differ a little. */
const seconds = (fromMs: number, toMs: number): number => Math.max(0, toMs - fromMs) / 1000;

import { isFinalState, type RunResource, type RunState } from '@scriptmesh/contracts';

/** A run that was not seen before, or is in another state than it was. */
export interface RunChange {
  readonly run: RunResource;
  readonly before: RunState | null;
}

/** More than any page, so that a run that is remembered is not told twice. */
const MOST_KEPT = 5000;

/** Remembers which runs were seen in which state. */
export class SeenRuns {
  readonly #states = new Map<string, RunState>();
  #isFirst = true;

  /** What has changed, the oldest first. The first look tells only of runs that have not ended yet. */
  take(runs: readonly RunResource[]): RunChange[] {
    const changes = runs
      .map((run) => ({ run, before: this.#states.get(run.id) ?? null }))
      .filter(({ run, before }) => run.state !== before && !(this.#isFirst && isFinalState(run.state)));
    for (const { id, state } of runs) this.#keep(id, state);
    this.#isFirst = false;
    return changes.toSorted((a, b) => (a.run.id < b.run.id ? -1 : 1));
  }

  /** Runs that had not ended and are not among these: they have to be asked for one by one. */
  missingFrom(runs: readonly RunResource[]): string[] {
    const present = new Set(runs.map(({ id }) => id));
    return [...this.#states].filter(([id, state]) => !isFinalState(state) && !present.has(id)).map(([id]) => id);
  }

  forget(id: string): void {
    this.#states.delete(id);
  }

  #keep(id: string, state: RunState): void {
    this.#states.delete(id);
    this.#states.set(id, state);
    const [oldest] = this.#states.keys();
    if (this.#states.size > MOST_KEPT && oldest !== undefined) this.#states.delete(oldest);
  }
}

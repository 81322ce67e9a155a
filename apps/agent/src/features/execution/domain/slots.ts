import type { RunId } from '@scriptmesh/contracts';

/** The places for runs at the same time. The queue is the orchestrator's: the agent has none. */
export class Slots {
  readonly #taken = new Map<RunId, string>();
  #isClosed = false;

  constructor(private readonly count: number) {}

  /** None once the agent stops. */
  get free(): number {
    return this.#isClosed ? 0 : Math.max(0, this.count - this.#taken.size);
  }

  /** The agent stops. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** False when none is free. */
  take(runId: RunId, script: string): boolean {
    if (this.free === 0) return false;
    this.#taken.set(runId, script);
    return true;
  }

  /** For a run that an earlier life of the agent has started: it counts even when that is one too many. */
  occupy(runId: RunId, script: string): void {
    this.#taken.set(runId, script);
  }

  /** Runs of this script that hold a place. */
  countOf(script: string): number {
    return [...this.#taken.values()].filter((taken) => taken === script).length;
  }

  release(runId: RunId): void {
    this.#taken.delete(runId);
  }

  close(): void {
    this.#isClosed = true;
  }
}

import type { RunId } from '@scriptmesh/contracts';

/** Work on one run goes in turn, work on different runs side by side. */
export class RunLanes {
  readonly #lanes = new Map<RunId, Promise<unknown>>();

  /** Resolves when the work that is in hand now is done, well or not. */
  async rest(): Promise<void> {
    await Promise.allSettled(this.#lanes.values());
  }

  async inTurn<T>(runId: RunId, work: () => Promise<T>): Promise<T> {
    const before = this.#lanes.get(runId) ?? Promise.resolve();
    const done = before.then(work, work);
    this.#lanes.set(runId, done);
    try {
      return await done;
    } finally {
      if (this.#lanes.get(runId) === done) this.#lanes.delete(runId);
    }
  }
}

interface Waiting<T> {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Does in one piece what came while the piece before was being done, so that many share the waits for the disk. */
export class BatchLane<T> {
  #waiting: Waiting<T>[] = [];
  #isWorking = false;

  /** @param workOff one outcome for each item, in their order; it must not reject */
  constructor(private readonly workOff: (items: readonly T[]) => Promise<readonly PromiseSettledResult<void>[]>) {}

  /** @throws what became of this item alone */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      // What arrived in one message is here by the end of this turn.
      await Promise.resolve();
      const batch = this.#waiting;
      this.#waiting = [];
      const outcomes = await this.workOff(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, at) => {
        const outcome = outcomes[at];
        if (outcome?.status === 'fulfilled') resolve();
        else reject(outcome?.reason);
      });
    }
    this.#isWorking = false;
  }
}

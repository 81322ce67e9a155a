import type { ApiClient } from '@scriptmesh/api-client';
import { isFinalState, type RunResource, type RunState } from '@scriptmesh/contracts';
import type { Clock, Timer } from '@scriptmesh/runtime';

const EVERY_MS = 2000;

/** The state of a run that is waited for, for display only: the live output tells nothing until the script writes. */
export class RunStateWatch {
  #state: RunState;
  #timer: Timer | null = null;
  #isOver = false;

  constructor(
    private readonly client: ApiClient,
    private readonly run: RunResource,
    private readonly clock: Clock,
  ) {
    this.#state = run.state;
  }

  get state(): RunState {
    return this.#state;
  }

  /** Asks until the run is known to be running. */
  start(): void {
    if (this.#isOver || this.#state === 'running' || isFinalState(this.#state)) return;
    this.#timer = this.clock.after(EVERY_MS, () => void this.#ask());
  }

  /** Its output has come, so it must be. */
  sawOutput(): void {
    this.#state = 'running';
    this.#timer?.stop();
  }

  stop(): void {
    this.#isOver = true;
    this.#timer?.stop();
  }

  async #ask(): Promise<void> {
    try {
      const { state } = await this.client.getRun(this.run.id);
      if (this.#state !== 'running') this.#state = state;
    } catch {
      // Whoever follows the output tells what is wrong with the connection.
    }
    this.start();
  }
}

import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '@scriptmesh/logging';
import { Clock, type Timer } from '@scriptmesh/runtime';
import { RetentionPass } from './retention-pass.js';

/** The first one after the bustle of a start. */
const FIRST_AFTER_MS = 60_000;
const PAUSE_MS = 600_000;

/** Makes a pass every ten minutes, never two at once. */
@Injectable()
export class RetentionSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;
  #isStopped = false;

  constructor(
    private readonly pass: RetentionPass,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#wait(FIRST_AFTER_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.stop();
    this.pass.stop();
    await this.#working;
  }

  #wait(delayMs: number): void {
    this.#timer = this.clock.after(delayMs, () => {
      this.#working = this.#work();
    });
  }

  /** What could not be removed now is removed with the next pass. */
  async #work(): Promise<void> {
    await this.pass.run().catch((error: unknown) => this.log.error('retention.failed', { error }));
    if (!this.#isStopped) this.#wait(PAUSE_MS);
  }
}

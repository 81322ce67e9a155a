import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '@scriptmesh/logging';
import { Clock, type Timer } from '@scriptmesh/runtime';
import { IdempotencyStore } from './idempotency.store.js';

const EVERY_MS = 60_000;
/** One commit forgets so many, so that nobody waits long for it. */
const AT_ONCE = 1000;
const MOST_ROUNDS = 60;

/** Forgets idempotency keys that are older than a day, every minute, by any instance. */
@Injectable()
export class KeySweep implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: Timer | undefined;
  #stopped = false;
  #working: Promise<void> | undefined;

  constructor(
    private readonly keys: IdempotencyStore,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = this.clock.after(EVERY_MS, () => {
      this.#working = this.sweep().finally(() => {
        if (!this.#stopped) this.onApplicationBootstrap();
      });
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.#timer?.stop();
    await this.#working;
  }

  /** Never throws. */
  async sweep(): Promise<void> {
    try {
      for (let round = 0; round < MOST_ROUNDS && !this.#stopped; round += 1) {
        if ((await this.keys.prune(this.clock.nowMs(), AT_ONCE)) < AT_ONCE) return;
      }
    } catch (error) {
      this.log.error('runs.key-sweep-failed', { error });
    }
  }
}

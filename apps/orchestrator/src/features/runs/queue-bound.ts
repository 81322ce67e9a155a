import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { RunsStore } from './runs.store.js';

const COUNT_IS_FRESH_MS = 500;
const RETRY_AFTER_SECONDS = 5;

/** Bounds the runs that wait. The count is half a second old at most, so the bound is kept roughly, and cheaply. */
@Injectable()
export class QueueBound {
  #count = 0;
  #countedAtMs = -Infinity;

  constructor(
    private readonly store: RunsStore,
    private readonly settings: OrchestratorSettings,
    private readonly clock: Clock,
  ) {}

  /** @throws MeshError queue/full */
  async checkRoom(): Promise<void> {
    const now = this.clock.monotonicMs();
    if (now - this.#countedAtMs > COUNT_IS_FRESH_MS) {
      this.#countedAtMs = now;
      this.#count = await this.store.countQueued();
    }
    this.#count += 1;
    if (this.#count <= this.settings.queueMaxRuns) return;
    throw new MeshError('queue/full', `${this.settings.queueMaxRuns} runs are waiting already`, {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}

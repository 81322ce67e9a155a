import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { Clock, Ids } from '@scriptmesh/runtime';

const MOST_JITTER_MS = 50;

/** Spreads the polls of a sweep a little, and notices when this program itself has stood still. */
@Injectable()
export class SweepPace {
  #lastSweepMs: number | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: OrchestratorSettings,
  ) {}

  beginSweep(): 'in-time' | 'after-a-pause' {
    const now = this.clock.monotonicMs();
    const gapMs = now - (this.#lastSweepMs ?? now);
    this.#lastSweepMs = now;
    return gapMs > 1500 * this.settings.heartbeatIntervalSeconds ? 'after-a-pause' : 'in-time';
  }

  /** Up to 50 ms before each poll, inside the bound of polls at the same time. */
  waitABit(): Promise<void> {
    return new Promise((resolve) => this.clock.after(this.ids.fraction() * MOST_JITTER_MS, resolve));
  }
}

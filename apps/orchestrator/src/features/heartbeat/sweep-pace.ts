import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { Clock } from '@scriptmesh/runtime';

const TURN_MS = 5;
/** At most 1600 polls a second; a program that is busy does not reach that. */
const POLLS_IN_A_TURN = 8;
/** A turn that comes later than this finds the program busy. */
const LATE_MS = 10;

/**
 * Spreads the polls of a sweep evenly, so that requests get their turn between them, and starts fewer when the program
 * is busy. Also notices when this program itself has stood still.
 */
@Injectable()
export class SweepPace {
  #lastSweepMs: number | undefined;
  #left = POLLS_IN_A_TURN;

  constructor(
    private readonly clock: Clock,
    private readonly settings: OrchestratorSettings,
  ) {}

  beginSweep(): 'in-time' | 'after-a-pause' {
    const now = this.clock.monotonicMs();
    const gapMs = now - (this.#lastSweepMs ?? now);
    this.#lastSweepMs = now;
    return gapMs > 1500 * this.settings.heartbeatIntervalSeconds ? 'after-a-pause' : 'in-time';
  }

  /** How long the sweep is under way. */
  get sweepMs(): number {
    return this.clock.monotonicMs() - (this.#lastSweepMs ?? this.clock.monotonicMs());
  }

  /** Resolves when the next poll may start. Lost time is not made up for; a busy program polls one at a time. */
  async nextPoll(): Promise<void> {
    if (this.#left === 0) this.#left = (await this.#lateMs()) > LATE_MS ? 1 : POLLS_IN_A_TURN;
    this.#left -= 1;
  }

  #lateMs(): Promise<number> {
    const dueMs = this.clock.monotonicMs() + TURN_MS;
    return new Promise((resolve) => this.clock.after(TURN_MS, () => resolve(this.clock.monotonicMs() - dueMs)));
  }
}

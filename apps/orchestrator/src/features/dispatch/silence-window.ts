import { Injectable } from '@nestjs/common';
import { Database } from '@scriptmesh/database';
import { Clock } from '@scriptmesh/runtime';

const SWEEP_MS = 60_000;
/** Sweeps further apart than this were held up: by a program that stood still, or a clock that was set. */
const HELD_UP_MS = 1.5 * SWEEP_MS;
const RESTORED_AT = 'silence_counts_from';

/**
 * From when on an agent's silence counts. Nobody could be heard before this program started, while it or its machine
 * stood still, and before a database was restored; so all agents get a fresh window then.
 */
@Injectable()
export class SilenceWindow {
  #fromMs: number;
  #lastMs: { readonly wall: number; readonly monotonic: number };

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {
    this.#fromMs = clock.nowMs();
    this.#lastMs = { wall: clock.nowMs(), monotonic: clock.monotonicMs() };
  }

  /** Call it in every sweep. @returns orchestrator time; silence before it does not count */
  async countsFromMs(): Promise<number> {
    const wall = this.clock.nowMs();
    const monotonic = this.clock.monotonicMs();
    const isHeldUp = Math.abs(wall - this.#lastMs.wall) > HELD_UP_MS || monotonic - this.#lastMs.monotonic > HELD_UP_MS;
    if (isHeldUp) this.#fromMs = wall;
    this.#lastMs = { wall, monotonic };
    return Math.max(this.#fromMs, await this.#restoredAtMs());
  }

  /** Between sweeps. */
  async peekMs(): Promise<number> {
    return Math.max(this.#fromMs, await this.#restoredAtMs());
  }

  async #restoredAtMs(): Promise<number> {
    const row = await this.db.read.selectFrom('meta').select('value').where('key', '=', RESTORED_AT).executeTakeFirst();
    return Number(row?.value ?? 0);
  }
}

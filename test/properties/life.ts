import type { MovedClock } from '@scriptmesh/testing';
import { Clock, Ids, type Timer } from '@scriptmesh/runtime';

/** From its start to its crash a program lives; after that its timers, its disk and its network do nothing any more. */
export class Life {
  isOver = false;
}

/** The clock of one program: its timers end with it, and its wall clock may be wrong. */
export class LifeClock extends Clock {
  constructor(
    private readonly world: MovedClock,
    private readonly life: Life,
    private readonly wallOffsetMs: () => number = () => 0,
  ) {
    super();
  }
  override nowMs(): number {
    return this.world.nowMs() + this.wallOffsetMs();
  }
  override monotonicMs(): number {
    return this.world.monotonicMs();
  }
  override after(delayMs: number, work: () => void): Timer {
    return this.world.after(delayMs, () => {
      if (!this.life.isOver) work();
    });
  }
}

/** Ids of all programs of a history; run ids come only roughly in order, as from several instances. */
export class WorldIds extends Ids {
  #count = 16;

  constructor(private readonly jitter: () => number) {
    super();
  }
  override uuid(): string {
    this.#count += 8;
    const n = this.#count - Math.floor(this.jitter() * 14);
    // Odd and even numbers: two that jittered to the same place are still two.
    return `019b7600-0000-7000-8000-${n.toString(16).padStart(8, '0')}${(this.#count / 8).toString(16).padStart(4, '0')}`;
  }
  override randomHex(bytes: number): string {
    this.#count += 8;
    return this.#count.toString(16).padStart(bytes * 2, '0');
  }
  override fraction(): number {
    return 0.5;
  }
}

import type { Clock } from '@scriptmesh/runtime';

/**
 * The agent's estimate of orchestrator time: the highest it was told, plus monotonic time since. So neither clock's
 * jumps matter, and a frame that was long on its way cannot turn time back. Used only to refuse late starts.
 */
export class OrchestratorTime {
  #toldMs = 0;
  #toldAtMs: number | null = null;

  constructor(private readonly clock: Clock) {}

  hear(toldMs: number): void {
    if (toldMs <= this.nowMs()) return;
    this.#toldMs = toldMs;
    this.#toldAtMs = this.clock.monotonicMs();
  }

  /** 0 as long as nothing was told. */
  nowMs(): number {
    return this.#toldAtMs === null ? 0 : Math.floor(this.#toldMs + this.clock.monotonicMs() - this.#toldAtMs);
  }
}

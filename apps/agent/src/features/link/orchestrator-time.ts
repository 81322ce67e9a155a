import type { Clock } from '@scriptmesh/runtime';

/**
 * The agent's estimate of orchestrator time: the highest it was told, plus monotonic time since. So neither clock's
 * jumps matter, and a frame that was long on its way cannot turn time back. Used only to refuse late starts.
 *
 * An orchestrator whose clock was ahead and was set right again is believed once it has answered a question: an answer
 * is younger than what it answers.
 */
export class OrchestratorTime {
  #toldMs = 0;
  #toldAtMs: number | null = null;

  constructor(private readonly clock: Clock) {}

  hear(toldMs: number): void {
    if (toldMs > this.nowMs()) this.#set(toldMs);
  }

  /** @param askedAtMs on the monotonic clock: when the question left to which the answer tells the time */
  hearAnswer(toldMs: number, askedAtMs: number): void {
    const latestMs = toldMs + this.clock.monotonicMs() - askedAtMs;
    if (this.nowMs() > latestMs) this.#set(latestMs);
  }

  /** 0 as long as nothing was told. */
  nowMs(): number {
    return this.#toldAtMs === null ? 0 : Math.floor(this.#toldMs + this.clock.monotonicMs() - this.#toldAtMs);
  }

  #set(toldMs: number): void {
    this.#toldMs = toldMs;
    this.#toldAtMs = this.clock.monotonicMs();
  }
}

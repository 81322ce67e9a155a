import { Injectable } from '@nestjs/common';
import type { AgentId } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { nextPauseMs } from '../pause.js';

interface Door {
  readonly pauseMs: number;
  /** On the clock that does not jump. */
  readonly untilMs: number;
}

/**
 * 0.2 agents that answer and turn runs away, as with another key. Their calls leave, so the pause of the pump does not
 * grow; without one that does, a changed key would be tried, and audited, four times a second for a day.
 */
@Injectable()
export class LegacyDoors {
  readonly #shut = new Map<AgentId, Door>();

  constructor(private readonly clock: Clock) {}

  /** Several calls that were under way together are one refusal. */
  shut(agent: AgentId): void {
    if (this.shutForMs(agent) > 0) return;
    const pauseMs = nextPauseMs(this.#shut.get(agent)?.pauseMs ?? 0);
    this.#shut.set(agent, { pauseMs, untilMs: this.clock.monotonicMs() + pauseMs });
  }

  open(agent: AgentId): void {
    this.#shut.delete(agent);
  }

  /** 0 when it may be knocked at. */
  shutForMs(agent: AgentId): number {
    return Math.max(0, (this.#shut.get(agent)?.untilMs ?? 0) - this.clock.monotonicMs());
  }
}

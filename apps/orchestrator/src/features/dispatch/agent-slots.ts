import { Injectable } from '@nestjs/common';
import type { AgentId } from '@scriptmesh/contracts';

const UNTIL_TOLD = 1;

interface Slots {
  free: number;
  /** Scripts that the agent was too busy for although it had free slots: their own limit was reached. */
  readonly heldScripts: Set<string>;
  /** It answered busy, without a free slot, and has not told of one since. */
  busy: boolean;
  /** Runs of this agent wait in the queue, so a new one must not overtake them. */
  backlog: boolean;
}

/** How many offers each agent can take now, as last told: a credit count that saves work and promises nothing. */
@Injectable()
export class AgentSlots {
  readonly #slots = new Map<AgentId, Slots>();

  free(agent: AgentId): number {
    return this.#of(agent).free;
  }

  take(agent: AgentId): void {
    this.#of(agent).free -= 1;
  }

  giveBack(agent: AgentId): void {
    const slots = this.#of(agent);
    slots.free += 1;
    slots.busy = false;
  }

  /** A sign of life or a busy answer tells the count anew. */
  told(agent: AgentId, free: number): void {
    const slots = this.#of(agent);
    slots.free = free;
    if (free > 0) slots.busy = false;
    slots.heldScripts.clear();
  }

  setBusy(agent: AgentId): void {
    this.#of(agent).busy = true;
  }

  isBusy(agent: AgentId): boolean {
    return this.#of(agent).busy;
  }

  hold(agent: AgentId, script: string): void {
    this.#of(agent).heldScripts.add(script);
  }

  /** A run of the script has ended. */
  release(agent: AgentId, script: string): void {
    this.#of(agent).heldScripts.delete(script);
  }

  isHeld(agent: AgentId, script: string): boolean {
    return this.#of(agent).heldScripts.has(script);
  }

  heldScripts(agent: AgentId): readonly string[] {
    return [...this.#of(agent).heldScripts];
  }

  setBacklog(agent: AgentId, backlog: boolean): void {
    this.#of(agent).backlog = backlog;
  }

  hasBacklog(agent: AgentId): boolean {
    return this.#of(agent).backlog;
  }

  forget(agent: AgentId): void {
    this.#slots.delete(agent);
  }

  #of(agent: AgentId): Slots {
    const known = this.#slots.get(agent);
    if (known) return known;
    // After a start nobody knows whether runs wait, so they are taken to.
    const slots: Slots = { free: UNTIL_TOLD, heldScripts: new Set(), busy: false, backlog: true };
    this.#slots.set(agent, slots);
    return slots;
  }
}

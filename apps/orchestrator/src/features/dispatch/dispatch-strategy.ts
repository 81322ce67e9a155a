import type { Agent } from '../registry/index.js';
import type { Run } from '../runs/index.js';

/** How runs are handed to one kind of agent. Whoever claims has written the claim durably before bytes leave. */
export abstract class DispatchStrategy {
  /** Whether something can be sent to the agent now; else its runs wait for its word. */
  abstract canSend(agent: Agent): boolean;
  /** The next runs that the agent can take now, oldest first, written as dispatched. */
  abstract claimNext(agent: Agent): Promise<readonly Run[]>;
  /** @returns false when it is proved that nothing arrived, or nothing is known: a pause helps then */
  abstract send(agent: Agent, runs: readonly Run[]): Promise<boolean>;
  /** When something unanswered may be sent again, in orchestrator time; null when nothing waits for a time. */
  abstract findNextRepeat(agent: Agent, nowMs: number): Promise<number | null>;
}

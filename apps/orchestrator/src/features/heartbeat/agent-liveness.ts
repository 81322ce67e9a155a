import type { Agent } from '../registry/index.js';
import type { Liveness } from '@scriptmesh/contracts';

/** What the orchestrator believes of an agent: display and holding back, never safety. */
export abstract class AgentLiveness {
  abstract livenessOf(agent: Agent): Liveness;
  /** Called when an agent that was not online is heard again, after what it said was handled. */
  abstract onBack(listener: (agent: Agent) => void): void;
  /** Called on every sign of life with the slots it told of. */
  abstract onFreeSlots(listener: (agent: Agent, freeSlots: number) => void): void;
}

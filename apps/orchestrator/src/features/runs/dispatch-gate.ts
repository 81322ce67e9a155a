import type { JournalId } from '@scriptmesh/contracts';
import type { Agent } from '../registry/index.js';
import type { Run } from './domain/run.js';

/** What runs asks of dispatch, which stands above: may this run be sent at once? */
export abstract class DispatchGate {
  /**
   * Takes a slot when the run may leave now. It is then written as dispatched in the transaction of its birth, and
   * `launch` has to follow the commit.
   * @returns the journal to offer it to, or undefined: the run waits in the queue
   */
  abstract takeSlot(agent: Agent, script: string): JournalId | undefined;
  /**
   * Sends a run that was born dispatched, or looks after one that was born queued. Never throws, never waits.
   * @param agent as the caller has just read it; looked up when absent
   */
  abstract launch(run: Run, agent?: Agent): void;
  /** The birth failed: gives the slot back. */
  abstract giveBack(agent: Agent): void;
}

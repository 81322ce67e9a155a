import type { RunId } from '@scriptmesh/contracts';
import type { Outgoing } from '../link/index.js';

/**
 * Lets the acceptance of a new run travel with the run's first output or its end, which for most scripts is there in a
 * moment: one message and one commit of the orchestrator instead of three. Nothing depends on it: an offer that seems
 * unanswered is repeated, and then the record answers.
 */
export class AcceptedRuns {
  #listener: ((runId: RunId) => void) | undefined;

  /** Who listens tells the orchestrator of the acceptance. */
  onAccepted(listener: (runId: RunId) => void): void {
    this.#listener = listener;
  }

  /** Takes the acceptances out of the answers to the offer of a new run. @returns what is to be answered at once */
  handOver(answers: readonly Outgoing[]): readonly Outgoing[] {
    const tell = this.#listener;
    if (!tell) return answers;
    return answers.filter(({ message }) => {
      if (message.kind !== 'accepted') return true;
      tell(message.runId);
      return false;
    });
  }
}

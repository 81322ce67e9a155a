import type { RunId, Stream } from '@scriptmesh/contracts';
import type { AcceptedRuns, ScriptStarter } from '../execution/index.js';
import type { Journal } from '../journal/index.js';

interface RunListener {
  accepted(runId: RunId): void;
  output(runId: RunId, stream: Stream, length: number): void;
  ended(runId: RunId): void;
}

/** What happens to runs of the orchestrator; what was asked for on the node itself is nobody else's. */
export class RunNews {
  constructor(
    private readonly acceptedRuns: AcceptedRuns,
    private readonly starter: ScriptStarter,
    private readonly journal: Journal,
  ) {}

  listen(listener: RunListener): void {
    this.acceptedRuns.onAccepted((runId) => listener.accepted(runId));
    this.starter.onOutput((runId, stream, length) => {
      if (!this.#isLocal(runId)) listener.output(runId, stream, length);
    });
    this.journal.onEnd((runId) => {
      if (!this.#isLocal(runId)) listener.ended(runId);
    });
  }

  #isLocal(runId: RunId): boolean {
    const record = this.journal.find(runId);
    return record?.kind === 'intent' && record.origin === 'local';
  }
}

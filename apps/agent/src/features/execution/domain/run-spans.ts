import type { RunId } from '@scriptmesh/contracts';
import type { Span, Tracing } from '@scriptmesh/tracing';

/** The spans of the runs that this life of the agent has started. One that outlives the agent is not told of. */
export class RunSpans {
  readonly #open = new Map<RunId, Span>();

  constructor(private readonly tracing: Tracing) {}

  /** @returns what the script gets; null when nobody traces */
  begin(runId: RunId, script: string, parent: string | undefined): string | null {
    const span = this.tracing.begin('scriptmesh.run', parent, {
      'scriptmesh.run.id': runId,
      'scriptmesh.script': script,
    });
    if (span.isRecording) this.#open.set(runId, span);
    return span.traceparent;
  }

  end(runId: RunId, fault: string | undefined): void {
    this.#open.get(runId)?.end(fault);
    this.#open.delete(runId);
  }
}

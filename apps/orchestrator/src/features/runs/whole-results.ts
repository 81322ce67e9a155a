import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { isFinalState, OUTPUT_TAIL_BYTES, STREAMS, type PerStream } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { withLateResult } from './domain/evidence.js';
import { endRun, patchRun, proveIntent, unmoved, type Progress } from './domain/run-progress.js';
import type { Run } from './domain/run.js';
import type { RunsInWork } from './runs-in-work.js';
import { RunsStore } from './runs.store.js';

/** The end of a run that came in one piece, output and all. Exactly one of code and signal is set. */
export interface WholeResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: PerStream<Uint8Array>;
  /** The bytes are all that the script wrote. */
  readonly isComplete: boolean;
}

/** Takes in results of agents that do not stream: those of ScriptMesh 0.2. */
@Injectable()
export class WholeResults {
  constructor(
    private readonly store: RunsStore,
    private readonly settings: OrchestratorSettings,
    private readonly clock: Clock,
  ) {}

  async take(runs: RunsInWork, run: Run, result: WholeResult): Promise<void> {
    const nowMs = this.clock.nowMs();
    const { code: exitCode, signal } = result;
    if (isFinalState(run.state)) {
      const late = { kind: 'result', atMs: nowMs, exitCode, signal, killedBy: null, why: null } as const;
      return runs.apply(withLateResult(run, late));
    }
    const running = proveIntent(unmoved(run), run.dispatchedAtMs ?? nowMs, true);
    const stored = await this.#store(runs, running, result);
    runs.apply(
      endRun(stored, {
        state: exitCode === 0 ? 'succeeded' : 'failed',
        executed: 'yes',
        finishedAtMs: nowMs,
        exitCode,
        signal,
        reason: exitCode === 0 ? null : signal === null ? `exit code ${exitCode}` : `ended by ${signal}`,
        truncated: stored.run.truncated || !result.isComplete,
      }),
      'legacy-answer',
    );
  }

  async #store({ trx }: RunsInWork, progress: Progress, { output }: WholeResult): Promise<Progress> {
    let stored = progress;
    for (const stream of STREAMS) {
      const bytes = output[stream];
      const kept = bytes.subarray(0, this.settings.outputMaxBytes);
      if (kept.byteLength > 0) await this.store.appendOutput(trx, progress.run.id, stream, 0, kept);
      const dropped = bytes.byteLength - kept.byteLength;
      const offset = Math.max(kept.byteLength, bytes.byteLength - OUTPUT_TAIL_BYTES);
      const length = bytes.byteLength - offset;
      if (length > 0) await this.store.appendOutput(trx, progress.run.id, stream, offset, bytes.subarray(offset));
      const tail = { offset, length, missing: offset - kept.byteLength };
      stored = patchRun(stored, {
        ...(length > 0 ? { tails: { ...stored.run.tails, [stream]: tail } } : {}),
        acked: { ...stored.run.acked, [stream]: bytes.byteLength },
        droppedBytes: stored.run.droppedBytes + dropped,
        truncated: stored.run.truncated || tail.missing > 0,
      });
    }
    return stored;
  }
}

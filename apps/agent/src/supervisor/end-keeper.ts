import { existsSync } from 'node:fs';
import type { MonotonicClock } from './clock.js';
import { putEndRecord } from './end-record-file.js';
import type { EventLog } from './event-log.js';
import { failpoint } from './failpoint.js';
import type { EndRecord, RunLimits } from './words.js';

const WRITE_AGAIN_MS = 1_000;

interface Surroundings {
  /** Resolves when the output is durable. */
  readonly output: Promise<void>;
  /** Called once, when the record stands or can never stand. */
  readonly tell: (end: EndRecord) => void;
  /** Nobody waits for a disk that refuses any more. */
  readonly isStopping: () => boolean;
}

/**
 * Puts the ends of runs on record. An end is told as soon as it outlives this program; what the agent then brings to the
 * orchestrator is durable there, so the disk here is not waited for first. A power cut in between leaves either the
 * result at the orchestrator, or a run that is `lost`.
 */
export class EndKeeper {
  constructor(
    private readonly clock: MonotonicClock,
    private readonly log: EventLog,
  ) {}

  /** Again and again while the disk refuses: a run that has ended must not become lost for want of room. */
  async keep(limits: RunLimits, end: EndRecord, around: Surroundings): Promise<void> {
    while (!(await this.#tryTo(limits, end, around))) {
      if (around.isStopping()) break;
      await new Promise<void>((resolve) => this.clock.after(WRITE_AGAIN_MS, resolve));
    }
  }

  async #tryTo({ runId, folder }: RunLimits, end: EndRecord, { output, tell }: Surroundings): Promise<boolean> {
    let durable: Promise<unknown>;
    try {
      durable = Promise.all([putEndRecord(folder, end).durable, output]);
      // That nothing was executed is said only when nothing can take it back.
      if (end.kind === 'spawnFailed') await durable;
    } catch (error) {
      if (!existsSync(folder)) {
        this.log.error('run.folder-removed', { runId, error });
        tell(end.kind === 'spawnFailed' ? end : REMOVED);
        return true;
      }
      this.log.error('run.end-not-recorded', { runId, error, againInMs: WRITE_AGAIN_MS });
      return false;
    }
    tell(end);
    await durable.catch((error: unknown) => this.#noteNotDurable(runId, error));
    failpoint('supervisor.end-durable');
    return true;
  }

  #noteNotDurable(runId: string, error: unknown): void {
    // The end was quick to arrive, and the agent has tidied the folder away.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    this.log.error('run.end-not-durable', { runId, error });
  }
}

/** Its output went with the folder, so not even a known exit code makes it a whole result. */
const REMOVED: EndRecord = {
  kind: 'lost',
  started: true,
  cause: 'spool-removed',
  why: "the run's folder was removed from the spool of the node while its script ran, and its output with it",
};

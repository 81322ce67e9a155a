import type { RunId } from '@scriptmesh/contracts';
import type { AgentSettings } from '@scriptmesh/config';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import type { EndRecord, IntentRecord, Journal } from '../../journal/index.js';
import type { LeftProcess, ProcessTable } from './process-table.js';

const LOOK_AGAIN_MS = 1_000;
/** An end record may be on its way to the disk. */
const WAIT_FOR_END_MS = 2_000;
const WRITE_AGAIN_MS = 5_000;

interface Watched {
  killAtMs: number | null;
  isKillWanted: boolean;
  wasAlive: boolean;
}

/**
 * Runs without an end that this life of the agent has not started. Their exit codes went to a parent that is gone, so
 * they end as `lost`: when their process has ended, or when there is none. They are never started again, and killed
 * only when they are cancelled or over their time.
 */
export class LeftRuns {
  readonly #watched = new Map<RunId, Watched>();

  constructor(
    private readonly journal: Journal,
    private readonly processes: ProcessTable,
    private readonly clock: Clock,
    private readonly settings: AgentSettings,
    private readonly log: Logger,
  ) {}

  lookIntoAll(): void {
    for (const { runId, end } of this.journal.open()) if (!end) this.lookInto(runId);
  }

  lookInto(runId: RunId): void {
    if (this.#watched.has(runId)) return;
    this.#watched.set(runId, { killAtMs: null, isKillWanted: false, wasAlive: false });
    void this.#look(runId);
  }

  kill(runId: RunId): void {
    const watched = this.#watched.get(runId);
    if (watched) watched.isKillWanted = true;
  }

  async #look(runId: RunId): Promise<void> {
    const intent = this.#openIntent(runId);
    const watched = this.#watched.get(runId);
    if (!intent || !watched) return;
    try {
      const process = await this.processes.find(runId, this.journal.folderOf(runId));
      if (process?.isAlive) return this.#watch(intent, watched, process);
      if (watched.wasAlive) return await this.#end(runId, process);
      this.clock.after(WAIT_FOR_END_MS, () => void this.#end(runId, process));
    } catch (error) {
      this.log.error('run.look-failed', { runId, error });
      this.clock.after(WRITE_AGAIN_MS, () => void this.#look(runId));
    }
  }

  #watch(intent: IntentRecord, watched: Watched, process: LeftProcess): void {
    const { runId, timeoutMs } = intent;
    if (!watched.wasAlive) this.log.info('run.found-alive', { runId, pid: process.pid });
    watched.wasAlive = true;
    // A broken intent has no limit on record.
    const isOverTime = timeoutMs > 0 && process.ageMs !== null && process.ageMs > timeoutMs;
    if (watched.isKillWanted || isOverTime) this.#kill(runId, watched, process);
    this.clock.after(LOOK_AGAIN_MS, () => void this.#look(runId));
  }

  #kill(runId: RunId, watched: Watched, process: LeftProcess): void {
    const nowMs = this.clock.monotonicMs();
    if (watched.killAtMs === null) {
      watched.killAtMs = nowMs + this.settings.killGraceSeconds * 1000;
      this.processes.signal(runId, process, 'SIGTERM');
      this.log.warn('run.killed-after-restart', { runId, pid: process.pid, isCancelled: watched.isKillWanted });
    } else if (nowMs >= watched.killAtMs) {
      this.processes.signal(runId, process, 'SIGKILL');
    }
  }

  async #end(runId: RunId, process: LeftProcess | undefined): Promise<void> {
    if (!this.#openIntent(runId)) return;
    try {
      const onDisk = await this.processes.findEnd(this.journal.folderOf(runId));
      if (onDisk) this.journal.noteEnd(runId, onDisk);
      else await this.journal.writeEnd(runId, lostAfter(process));
      this.#watched.delete(runId);
    } catch (error) {
      this.log.error('run.end-not-written', { runId, error });
      this.clock.after(WRITE_AGAIN_MS, () => void this.#end(runId, process));
    }
  }

  #openIntent(runId: RunId): IntentRecord | undefined {
    const record = this.journal.find(runId);
    if (record?.kind === 'intent' && !record.end) return record;
    this.#watched.delete(runId);
    return undefined;
  }
}

const lostAfter = (process: LeftProcess | undefined): EndRecord => ({
  kind: 'lost',
  started: process !== undefined,
  why: process
    ? 'the agent ended while the script ran, so nobody saw how the script ended'
    : 'the agent ended between accepting the run and starting its script; no start is on record',
});

import type { RunId } from '@scriptmesh/contracts';
import type { AgentSettings } from '@scriptmesh/config';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import type { EndRecord, IntentRecord, Journal } from '../../journal/index.js';
import type { RunLimits, ScriptStarter } from '../starter/script-starter.js';
import { readEndRecord } from './read-end-record.js';

/** An end record may be on its way to the disk. */
const WAIT_FOR_END_MS = 2_000;
const ASK_AGAIN_MS = 250;
const WRITE_AGAIN_MS = 5_000;

/**
 * Runs without an end whose fate is not known: those that an earlier life of the agent has left, and those that went
 * out of sight. The starter is asked for each: what runs is gone on with, what has ended has its end on record, and
 * what is neither is `lost`. None is ever started again.
 */
export class LeftRuns {
  readonly #watched = new Set<RunId>();
  #isClosed = false;

  constructor(
    private readonly journal: Journal,
    private readonly starter: ScriptStarter,
    private readonly clock: Clock,
    private readonly settings: AgentSettings,
    private readonly log: Logger,
  ) {}

  lookIntoAll(): void {
    for (const { runId, end } of this.journal.open()) if (!end) this.lookInto(runId);
  }

  lookInto(runId: RunId): void {
    if (this.#isClosed || this.#watched.has(runId)) return;
    this.#watched.add(runId);
    void this.#look(runId);
  }

  /** The agent stops: what is not known yet is looked into at the next start. */
  close(): void {
    this.#isClosed = true;
  }

  async #look(runId: RunId): Promise<void> {
    const intent = this.#openIntent(runId);
    if (!intent) return;
    try {
      const answer = await this.starter.resume(this.#limitsOf(intent));
      if (answer.kind === 'running') {
        this.#watched.delete(runId);
        this.log.info('run.found-alive', { runId });
      } else if (!this.#noteEndOnDisk(runId)) {
        this.clock.after(WAIT_FOR_END_MS, () => void this.#end(runId, lost(answer)));
      }
    } catch (error) {
      if (this.#isClosed) return;
      this.log.debug('run.not-looked-into', { runId, error });
      this.clock.after(ASK_AGAIN_MS, () => void this.#look(runId));
    }
  }

  async #end(runId: RunId, end: EndRecord): Promise<void> {
    if (!this.#openIntent(runId)) return;
    try {
      if (this.#noteEndOnDisk(runId)) return;
      await this.journal.writeEnd(runId, end);
      this.#watched.delete(runId);
    } catch (error) {
      this.log.error('run.end-not-written', { runId, error });
      this.clock.after(WRITE_AGAIN_MS, () => void this.#end(runId, end));
    }
  }

  #noteEndOnDisk(runId: RunId): boolean {
    const end = readEndRecord(this.journal.folderOf(runId));
    if (!end) return false;
    this.#watched.delete(runId);
    this.journal.noteEnd(runId, end);
    return true;
  }

  #limitsOf({ runId, timeoutMs }: IntentRecord): RunLimits {
    const { killGraceSeconds, outputMaxBytes } = this.settings;
    return {
      runId,
      folder: this.journal.folderOf(runId),
      timeoutMs,
      killGraceMs: killGraceSeconds * 1000,
      outputMaxBytes,
    };
  }

  #openIntent(runId: RunId): IntentRecord | undefined {
    const record = this.#isClosed ? undefined : this.journal.find(runId);
    if (record?.kind === 'intent' && !record.end) return record;
    this.#watched.delete(runId);
    return undefined;
  }
}

function lost({ started, isOfThisBoot }: { readonly started: boolean; readonly isOfThisBoot: boolean }): EndRecord {
  if (!started) {
    const why =
      'the agent or its supervisor ended between accepting the run and starting its script; no start is on record';
    return { kind: 'lost', started, cause: 'before-start', why };
  }
  if (!isOfThisBoot)
    return { kind: 'lost', started, cause: 'node-restarted', why: 'the node was restarted while the script ran' };
  const why = 'whoever looked after the script ended while it ran, so nobody saw how it ended';
  return { kind: 'lost', started, cause: 'supervisor-ended', why };
}

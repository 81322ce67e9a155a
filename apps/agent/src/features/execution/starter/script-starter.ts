import type { KillReason, RunId, Stream } from '@scriptmesh/contracts';
import type { EndRecord } from '../../journal/index.js';

export interface StartOrder {
  readonly runId: RunId;
  /** The run's folder in the spool: output goes to `stdout` and `stderr` in it, the end to the record `end`. */
  readonly folder: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment, built from nothing. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly killGraceMs: number;
  /** Kept bytes of each stream; the rest is drained, counted and dropped. */
  readonly outputMaxBytes: number;
}

/**
 * The parent of scripts. Called once per intent; never starts a run twice.
 * A start that fails is no exception: it ends with the record `spawnFailed`.
 */
export abstract class ScriptStarter {
  /** Resolves when the script runs or its end is on record. Writes `pid` (pid, start ticks, boot id) into the folder. */
  abstract start(order: StartOrder): Promise<void>;
  /** TERM, grace, KILL of the group; nothing happens when it has ended already. The first reason stays. */
  abstract kill(runId: RunId, why: KillReason): void;
  abstract isRunning(runId: RunId): boolean;
  /** `length` bytes of the stream are in its file by now. */
  abstract onOutput(listener: (runId: RunId, stream: Stream, length: number) => void): void;
  abstract onEnd(listener: (runId: RunId, end: EndRecord) => void): void;
  /** Ends all scripts (TERM, grace, KILL) and resolves when their ends are on record. */
  abstract stop(): Promise<void>;
}

import type { KillReason, RunId, Stream } from '@scriptmesh/contracts';
import type { EndRecord } from '../../journal/index.js';

/** What holds a run within its limits, whoever has started it. */
export interface RunLimits {
  readonly runId: RunId;
  /** The run's folder in the spool: output goes to `stdout` and `stderr` in it, the end to the record `end`. */
  readonly folder: string;
  readonly timeoutMs: number;
  readonly killGraceMs: number;
  /** Kept bytes of each stream; the rest is drained, counted and dropped. */
  readonly outputMaxBytes: number;
}

export interface StartOrder extends RunLimits {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment, built from nothing. */
  readonly env: Readonly<Record<string, string>>;
  /** The script's file as it was when its hash was checked; it is started in no other version. */
  readonly checked: { readonly file: string; readonly version: string };
}

/** `gone`: no process of the run lives and none will be started; its end may be on record all the same. */
export type ResumeAnswer =
  { readonly kind: 'running' } | { readonly kind: 'gone'; readonly started: boolean; readonly isOfThisBoot: boolean };

/**
 * The way to the parent of scripts. Called once per intent; never starts a run twice.
 * A start that fails is no exception: it ends with the record `spawnFailed`.
 */
export abstract class ScriptStarter {
  /** Called once, when the listeners are there. */
  abstract begin(): void;
  /**
   * Resolves when the script runs or its end is on record.
   * @throws when neither is known: the run's fate is to be asked for by `resume`, the start never to be asked for again
   */
  abstract start(order: StartOrder): Promise<void>;
  /** Asks what became of a run that was started, or perhaps not, in an earlier life; one that runs is gone on with. @throws when there is no answer */
  abstract resume(limits: RunLimits): Promise<ResumeAnswer>;
  /** TERM, grace, KILL of the group, as soon as the run can be reached; nothing when it has ended. The first reason stays. */
  abstract kill(runId: RunId, why: KillReason): void;
  abstract isRunning(runId: RunId): boolean;
  /** `length` bytes of the stream are in its file by now. */
  abstract onOutput(listener: (runId: RunId, stream: Stream, length: number) => void): void;
  abstract onEnd(listener: (runId: RunId, end: EndRecord) => void): void;
  /** A run that was running is out of sight: its fate is to be asked for by `resume`. */
  abstract onOutOfSight(listener: (runId: RunId) => void): void;
  /** The agent stops. Scripts go on where somebody else is their parent; elsewhere they are ended, on record. */
  abstract close(): Promise<void>;
}

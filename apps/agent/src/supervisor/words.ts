/**
 * The supervisor's own words for what it works with. They are those of libs/contracts and of the journal, said again
 * without an import: this program must stay so small that nothing in it can fail.
 */
export const STREAMS = ['stdout', 'stderr'] as const;
export type Stream = (typeof STREAMS)[number];
export type PerStream<T> = Readonly<Record<Stream, T>>;

export type KillReason = 'cancelled' | 'timed_out';

/** What holds a run within its limits, also for a supervisor that has not started it. */
export interface RunLimits {
  readonly runId: string;
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
  /** The whole environment, built from nothing. Carries SM_RUN_ID, by which the run's processes are found. */
  readonly env: Readonly<Record<string, string>>;
  /** The script's file as it was when its hash was checked; it is started in no other version. */
  readonly checked?: { readonly file: string; readonly version: string };
}

/** The last bytes of a stream, in the file `<stream>.tail`. */
export interface KeptTail {
  readonly length: number;
  readonly sha256: string;
}

/** How a script ended, as it stands in the record `end`. */
export type EndRecord =
  | {
      readonly kind: 'exit';
      /** Exactly one of code and signal is set; 137 by itself and SIGKILL are told apart. */
      readonly code: number | null;
      readonly signal: string | null;
      readonly killedBy: KillReason | null;
      readonly lengths: PerStream<number>;
      readonly sha256: PerStream<string>;
      readonly dropped: PerStream<number>;
      /** Absent when nothing was dropped. */
      readonly tails?: PerStream<KeptTail | null>;
      readonly durationMs: number;
    }
  | { readonly kind: 'spawnFailed'; readonly code: 'run/start-failed'; readonly why: string }
  | {
      readonly kind: 'lost';
      readonly started: true;
      readonly cause: 'supervisor-ended' | 'spool-removed';
      readonly why: string;
    };

/** The most bytes of a log that one message carries. */
export const LOG_PART_BYTES = 256 * 1024;
/** The most lines that may be asked for from a log's end. */
export const LOG_TAIL_LINES = 100_000;

/** One part of a log that is asked for. Whoever answers keeps nothing between two parts: each ask says all. */
export interface LogAsk {
  readonly log: string;
  /** A file name of the list; null is the newest. */
  readonly file: string | null;
  /** The file that `fromOffset` is a place in; null when none was read yet. */
  readonly fileId: string | null;
  /** The last so many lines (of those in the range of time); wins over `fromOffset`. */
  readonly tailLines: number | null;
  /** null is the beginning of what may be shown. */
  readonly fromOffset: number | null;
  /** Milliseconds since 1970, both inclusive; null is without bound. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  /** Was the line before `fromOffset` in the range? Lines without a time go with it. null at the start. */
  readonly keeping: boolean | null;
}

export interface LogPartHead {
  readonly file: string;
  /** Another one under the same name means that the file was replaced: 16 hex digits. */
  readonly fileId: string;
  /** Where in the file this part begins and where to go on; lines out of the range lie between them, too. */
  readonly offset: number;
  readonly nextOffset: number;
  /** Of the file when it was read: the part was the last one for now when `nextOffset` has reached it. */
  readonly size: number;
  /** To be given with the next ask. */
  readonly keeping: boolean;
  /** The file that was asked for is another one, or shorter, by now: no bytes; the next ask begins at 0. */
  readonly changed: 'rotated' | 'truncated' | null;
}
export interface LogPart extends LogPartHead {
  readonly bytes: Uint8Array;
}

export interface LogFileResource {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: string;
}

/** One named log of a node. */
export interface LogResource {
  readonly name: string;
  readonly description: string | null;
  /** Only so many bytes at the end of each file are shown. */
  readonly maxBytes: number;
  /** Newest first. */
  readonly files: readonly LogFileResource[];
  /** Why there is nothing to read, or not all of it; null when all is well. */
  readonly problem: string | null;
}

/** What the bytes of a `logs` message hold, as JSON in UTF-8. */
export interface LogReport {
  readonly logs: readonly LogResource[];
  /** Faults of cfg/log_manifest.json with their places. */
  readonly faults: readonly string[];
}

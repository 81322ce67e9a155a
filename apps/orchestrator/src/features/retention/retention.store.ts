import type { RunId } from '@scriptmesh/contracts';

/** A run as retention sees it. */
export interface KeptRun {
  readonly id: RunId;
  readonly isFinal: boolean;
  /** Of its output, as stored. */
  readonly bytes: number;
}

/** What retention reads and removes. Every removal is a small transaction of its own. */
export abstract class RetentionStore {
  /** Newest first. @param before null begins with the newest */
  abstract listPage(before: RunId | null, limit: number): Promise<readonly KeptRun[]>;
  /** Runs that ended before that time, the oldest first. */
  abstract listEndedBefore(timeMs: number, limit: number): Promise<readonly RunId[]>;
  /** Runs that have ended, with ids up to that one, the oldest first. */
  abstract listEndedThrough(id: RunId, limit: number): Promise<readonly RunId[]>;
  /** The same, but only those with stored output. */
  abstract listOutputThrough(id: RunId, limit: number): Promise<readonly RunId[]>;
  /** Notes that the output goes, so that no half of it is ever shown, and removes it piece by piece. */
  abstract pruneOutput(ids: readonly RunId[], nowMs: number): Promise<void>;
  /** Removes runs whose output is gone, and remembers the highest id that was removed. Live ones are left alone. */
  abstract pruneRuns(ids: readonly RunId[]): Promise<void>;
}

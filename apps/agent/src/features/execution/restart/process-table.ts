import type { RunId } from '@scriptmesh/contracts';
import type { EndRecord } from '../../journal/index.js';

/** A script's process that an earlier life of the agent has started. */
export interface LeftProcess {
  readonly pid: number;
  readonly isAlive: boolean;
  /** Since its start; null where that cannot be told. */
  readonly ageMs: number | null;
}

/** The node's processes and what a run's folder says of them. */
export abstract class ProcessTable {
  /** By the record `pid`, else by the run id in its environment; undefined when no start is on record anywhere. */
  abstract find(runId: RunId, folder: string): Promise<LeftProcess | undefined>;
  /** To the script and all that it has started. */
  abstract signal(runId: RunId, process: LeftProcess, signal: 'SIGTERM' | 'SIGKILL'): void;
  /** The record `end` as it is on disk now. */
  abstract findEnd(folder: string): Promise<EndRecord | undefined>;
}

import type { AgentId, ErrorCode, JournalId, RunId } from '@scriptmesh/contracts';
import type { EndRecord } from './domain/end-record.js';

/** What the agent durably knows about one run; the absence of a record is an answer, too. */
export type RunRecord =
  | IntentRecord
  | { readonly kind: 'fence'; readonly runId: RunId; readonly receipt: string; readonly fence: Fence }
  | { readonly kind: 'done'; readonly runId: RunId; readonly receipt: string; readonly end: EndRecord };

export interface IntentRecord {
  readonly kind: 'intent';
  readonly runId: RunId;
  /** Empty when the record's file could not be read any more: then nothing is said of the run until it is asked for. */
  readonly receipt: string;
  readonly script: string;
  readonly scriptSha: string;
  readonly timeoutMs: number;
  /** `local`: asked for on the node itself; no orchestrator knows of it. Absent: offered by the orchestrator. */
  readonly origin?: 'local';
  /** The end on record; null while the script may run or its fate is not known. */
  readonly end: EndRecord | null;
}

/** Why the run may never be started here. */
export type Fence =
  | { readonly by: 'refusal'; readonly code: ErrorCode; readonly why: string; readonly belowFloor: boolean }
  | { readonly by: 'cancel'; readonly belowFloor: boolean };

/** How far the orchestrator's store had got when it was last heard, and the proof that it said so. */
export interface HeardStore {
  /** Under this id; another installation, or a later registration, gives another one. */
  readonly agentId: AgentId;
  readonly storeSeq: number;
  readonly proof: string;
}

/**
 * The agent's durable record of the runs it has seen: one folder per run under `spool/` with at most one of
 * intent and fence, later done. A record that a call returned from survives a power cut.
 */
export abstract class Journal {
  abstract get journalId(): JournalId;
  /** Intents and fences ever written to this journal; local runs do not count. */
  abstract get recordCount(): number;
  /** The highest run id ever pruned; ids not above it without a record can never be started. */
  abstract get floor(): RunId | null;
  abstract find(runId: RunId): RunRecord | undefined;
  /** Runs that are not settled: an intent without `done`. */
  abstract open(): readonly IntentRecord[];
  /** Where the run's files are: `stdout`, `stderr`, `pid`, `end`. */
  abstract folderOf(runId: RunId): string;
  /** The at-most-once gate. @throws MeshError store/full, store/unavailable; nothing was recorded then */
  abstract writeIntent(intent: Omit<IntentRecord, 'kind' | 'end'>): Promise<{ readonly folder: string }>;
  /** @throws MeshError store/full, store/unavailable; nothing was recorded then */
  abstract writeFence(runId: RunId, receipt: string, fence: Fence): Promise<void>;
  /** Writes an end that the starter did not write itself (lost). An end that is there already stays. */
  abstract writeEnd(runId: RunId, end: EndRecord): Promise<void>;
  /** The starter has written an end record: take note of it. */
  abstract noteEnd(runId: RunId, end: EndRecord): void;
  /** Called when an end is on record. */
  abstract onEnd(listener: (runId: RunId, end: EndRecord) => void): void;
  /** ackResult: writes `done`, then deletes the rest; prunes by count in id order, the floor first. */
  abstract settle(runId: RunId): Promise<void>;
  /** Takes away a local run that has ended, without a trace: its id is never offered. */
  abstract discard(runId: RunId): Promise<void>;
  /** The furthest that was heard of the store, for this id of the agent. */
  abstract heardStore(agentId: AgentId): HeardStore | undefined;
  /**
   * Becomes durable with the next record, which is soon enough: a store that was restored is dangerous only for runs
   * that have a record here, and every record tells how far the store was when it was written.
   */
  abstract noteHeardStore(heard: HeardStore): void;
  /** Gives this spool a new id, when it was found to be older than what the orchestrator was told of. */
  abstract mintNewJournal(): Promise<void>;
}

import type { AgentId, RunId, RunState, Stream } from '@scriptmesh/contracts';
import type { Writer } from '@scriptmesh/database';
import type { Run } from './domain/run.js';

export interface RunFilter {
  readonly limit: number;
  readonly state: RunState | null;
  readonly agent: string | null;
  readonly script: string | null;
  readonly retryOf: RunId | null;
  /** Runs older than this one. */
  readonly before: RunId | null;
}

/** The row has changed since it was read; the work has to be done again with the new row. */
export class RunChangedError extends Error {
  override readonly name = 'RunChangedError';
}

/** Runs and their output, durably. */
export abstract class RunsStore {
  /** @throws RunChangedError when there is a run of this id */
  abstract insert(trx: Writer, run: Run): Promise<void>;
  abstract find(id: RunId): Promise<Run | undefined>;
  abstract findForChange(trx: Writer, ids: readonly RunId[]): Promise<readonly Run[]>;
  abstract findLiveForChange(trx: Writer, agent: AgentId): Promise<readonly Run[]>;
  /** Compare-and-set on (id, state, rev). @throws RunChangedError */
  abstract update(trx: Writer, before: Run, after: Run): Promise<void>;
  /** Newest first. */
  abstract list(filter: RunFilter): Promise<readonly Run[]>;
  /** Live runs in the order of their ids; of one agent, or of all. */
  abstract listLive(agent: AgentId | null): Promise<readonly Run[]>;
  /** Queued runs, and dispatched ones whose offer may be repeated, of other scripts than those, in the order of their ids. */
  abstract listOfferable(
    agent: AgentId,
    nowMs: number,
    limit: number,
    notScripts: readonly string[],
  ): Promise<readonly Run[]>;
  /** Whether any run of the agent is queued or dispatched: for who only has to know that there is nothing to do. */
  abstract hasWaiting(agent: AgentId): Promise<boolean>;
  /** When the next of the agent's runs that have to wait may leave; null when none has to. */
  abstract findNotBefore(agent: AgentId, nowMs: number): Promise<number | null>;
  /** Queued and dispatched runs past their deliverBy; first those that dispatch has to look at first. */
  abstract listOverdue(nowMs: number, limit: number): Promise<readonly Run[]>;
  /** Live runs whose agent has yet to answer a cancel, and whose next cancel is due; the longest due first. */
  abstract listCancelling(nowMs: number, limit: number): Promise<readonly Run[]>;
  /** Live runs of the agent that were made or marked by a restore. */
  abstract countAdopted(trx: Writer, agent: AgentId): Promise<number>;
  /** The highest id that retention has removed; null when it has removed none. */
  abstract findPrunedThrough(): Promise<RunId | null>;
  /** Those of the ids that have no row. */
  abstract filterUnknown(ids: readonly RunId[]): Promise<readonly RunId[]>;
  abstract countQueued(): Promise<number>;
  /** Copies the bytes. @throws RunChangedError when there are bytes at this offset already */
  abstract appendOutput(trx: Writer, id: RunId, stream: Stream, offset: number, bytes: Uint8Array): Promise<void>;
  /** Takes stored bytes away that turned out not to be the agent's. */
  abstract deleteOutput(trx: Writer, id: RunId, stream: Stream): Promise<void>;
  /** At least one byte unless there is none at `offset`; about `mostBytes` at most. */
  abstract readOutput(id: RunId, stream: Stream, offset: number, mostBytes: number): Promise<Uint8Array>;
  /** Where the stored bytes of a stream end; 0 when there are none. */
  abstract findOutputEnd(trx: Writer, id: RunId, stream: Stream): Promise<number>;
  /** SHA-256 of the stored bytes of a stream, in hex. */
  abstract digestOutput(trx: Writer, id: RunId, stream: Stream): Promise<string>;
}

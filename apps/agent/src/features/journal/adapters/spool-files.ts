import { isAgentId, isJournalId, isRunId, type JournalId, type RunId } from '@scriptmesh/contracts';
import type { EndRecord } from '../domain/end-record.js';
import type { Fence, HeardStore, IntentRecord } from '../journal.js';

/** Every file tells how far the orchestrator's store was heard to be when it was written. */
interface Heard {
  readonly heard?: HeardStore;
}
/** What stands in the files of the spool. `n` is the number that the record had in the journal's count. */
export interface IntentFile extends Heard, Omit<IntentRecord, 'kind' | 'end'> {
  readonly n: number;
}
export interface FenceFile extends Heard {
  readonly n: number;
  readonly runId: RunId;
  readonly receipt: string;
  readonly fence: Fence;
}
export interface DoneFile extends Heard {
  readonly n: number;
  readonly runId: RunId;
  readonly receipt: string;
  readonly end: EndRecord;
}
/** `journal.json`: the count and the floor as they were before the last pruning, which removed records that carried them. */
export interface JournalFile extends Heard {
  readonly journalId: JournalId;
  readonly count: number;
  readonly floor: RunId | null;
}

export const JOURNAL_FILE = 'journal.json';
/** Holds the room for the end record until it is written, so that a full disk does not keep a result from its record. */
export const RESERVE = 'reserve';
export const RESERVE_BYTES = 4096;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export function isJournalFile(value: unknown): value is JournalFile {
  if (typeof value !== 'object' || value === null) return false;
  const file = value as Record<string, unknown>;
  return isJournalId(file['journalId']) && isCount(file['count']) && (file['floor'] === null || isRunId(file['floor']));
}

/** Does a record belong to the run whose folder it was found in? */
export function isOfRun(
  value: unknown,
  runId: RunId,
): value is { n: number; runId: RunId; receipt: string } & Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const file = value as Record<string, unknown>;
  return isCount(file['n']) && file['runId'] === runId && typeof file['receipt'] === 'string';
}

export function isIntentFile(value: unknown, runId: RunId): value is IntentFile {
  return (
    isOfRun(value, runId) &&
    typeof value['script'] === 'string' &&
    typeof value['scriptSha'] === 'string' &&
    isCount(value['timeoutMs'])
  );
}

export function isFence(value: unknown): value is Fence {
  if (typeof value !== 'object' || value === null) return false;
  const fence = value as Record<string, unknown>;
  if (typeof fence['belowFloor'] !== 'boolean') return false;
  return (
    fence['by'] === 'cancel' ||
    (fence['by'] === 'refusal' && typeof fence['code'] === 'string' && typeof fence['why'] === 'string')
  );
}

/** What a file of the spool tells of the orchestrator's store; undefined when it tells nothing. */
export function readHeard(file: unknown): HeardStore | undefined {
  const heard = (file as { heard?: unknown } | null | undefined)?.heard;
  if (typeof heard !== 'object' || heard === null) return undefined;
  const { agentId, storeSeq, proof } = heard as Record<string, unknown>;
  return isAgentId(agentId) && isCount(storeSeq) && typeof proof === 'string'
    ? { agentId, storeSeq, proof }
    : undefined;
}

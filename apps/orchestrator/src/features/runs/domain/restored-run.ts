import type { AgentId, JournalId, PrincipalId, RunId } from '@scriptmesh/contracts';
import { moveRun, patchRun, unmoved, type Progress } from './run-progress.js';
import { queuedRun, type Run } from './run.js';

/** Stands where an adopted run's script would: the frames of an agent do not tell it. */
const SCRIPT_NOT_KNOWN = 'unknown';

/**
 * A live run of a database that was restored from a backup. What happened to it since the backup is not known, so it
 * may have been sent: it is asked about and fenced, never offered again.
 * @param journalId of its agent, as the backup knows it; null when it had none
 */
export function markRestored(run: Run, journalId: JournalId | null, nowMs: number): Progress {
  if (run.restored) return unmoved(run);
  const doubted = { restored: true, inDoubt: run.inDoubt + 1 };
  if (run.state === 'running') return patchRun(unmoved(run), doubted);
  const fencedNow = { ...doubted, deliverByMs: Math.min(run.deliverByMs, nowMs), nextOfferAtMs: nowMs };
  if (run.state === 'dispatched') return patchRun(unmoved(run), fencedNow);
  return moveRun(unmoved(run), 'dispatched', null, { ...fencedNow, journalId, dispatchedAtMs: nowMs });
}

interface Adoption {
  readonly id: RunId;
  readonly agentId: AgentId;
  readonly agentName: string;
  readonly journalId: JournalId;
  readonly principal: PrincipalId;
  readonly nowMs: number;
}

/** A run that was made after the backup, as far as its agent can tell of it: who asked for it, and for what, is gone. */
export function adoptedRun({ journalId, nowMs, ...about }: Adoption): Run {
  const createdAtMs = Math.min(nowMs, timeOf(about.id));
  const queued = queuedRun({
    ...about,
    script: SCRIPT_NOT_KNOWN,
    params: {},
    origin: 'agent',
    createdAtMs,
    deliverByMs: nowMs,
    timeoutMs: null,
    retryOf: null,
  });
  return { ...queued, state: 'dispatched', inDoubt: 1, journalId, restored: true, dispatchedAtMs: nowMs };
}

/** The time that a UUIDv7 was made, in milliseconds. */
const timeOf = (id: RunId): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

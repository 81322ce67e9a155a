import { LEGACY_TRANSPORT } from '@scriptmesh/contracts';
import type { Agent } from '../../registry/index.js';
import { isWithoutJournal, type Run } from '../../runs/index.js';

const DEFAULT_TIMEOUT_MS = 24 * 3600 * 1000;

export interface LossFacts {
  /** undefined when it was removed. */
  readonly agent: Agent | undefined;
  readonly nowMs: number;
  /** Silence beyond the timeout that is borne. */
  readonly lostAfterMs: number;
}

/** Why nothing will ever be known of a live run any more; undefined while there is hope. */
export function findLossReason(run: Run, { agent, nowMs, lostAfterMs }: LossFacts): string | undefined {
  if (run.state === 'queued') return undefined;
  if (!agent) return 'the agent was removed';
  // The lease of whoever waits for its answer settles it.
  if (isWithoutJournal(run)) return undefined;
  return findJournalLoss(run, agent) ?? findSilence(run, { agent, nowMs, lostAfterMs });
}

function findJournalLoss(run: Run, agent: Agent): string | undefined {
  if (agent.transport === LEGACY_TRANSPORT) return 'the agent has gone back to ScriptMesh 0.2, which has no journal';
  if (run.journalId === agent.journalId || (run.inDoubt === 0 && run.state !== 'running')) return undefined;
  return 'the agent has another journal than the one the run was offered to: its spool was wiped or restored';
}

function findSilence(run: Run, { agent, nowMs, lostAfterMs }: LossFacts & { agent: Agent }): string | undefined {
  const timeoutMs = run.effectiveTimeoutMs ?? run.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const lastWordMs = Math.max(agent.lastSeenAtMs ?? 0, run.dispatchedAtMs ?? 0);
  if (nowMs - lastWordMs <= timeoutMs + lostAfterMs) return undefined;
  return `the agent has been silent for ${Math.round((nowMs - lastWordMs) / 1000)} s, longer than the time limit and the time that is borne beyond it`;
}

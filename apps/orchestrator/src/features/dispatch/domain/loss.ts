import { LEGACY_TRANSPORT, type LossCause } from '@scriptmesh/contracts';
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

export interface Loss {
  readonly cause: LossCause;
  readonly why: string;
}

/** Why nothing will ever be known of a live run any more; undefined while there is hope. */
export function findLoss(run: Run, { agent, nowMs, lostAfterMs }: LossFacts): Loss | undefined {
  if (run.state === 'queued') return undefined;
  if (!agent) return { cause: 'agent-removed', why: 'the agent was removed' };
  // The lease of whoever waits for its answer settles it.
  if (isWithoutJournal(run)) return undefined;
  return findJournalLoss(run, agent) ?? findSilence(run, { agent, nowMs, lostAfterMs });
}

function findJournalLoss(run: Run, agent: Agent): Loss | undefined {
  if (agent.transport === LEGACY_TRANSPORT) {
    return { cause: 'other-journal', why: 'the agent has gone back to ScriptMesh 0.2, which has no journal' };
  }
  if (run.journalId === agent.journalId || (run.inDoubt === 0 && run.state !== 'running')) return undefined;
  const why = 'the agent has another journal than the one the run was offered to: its spool was wiped or restored';
  return { cause: 'other-journal', why };
}

function findSilence(run: Run, { agent, nowMs, lostAfterMs }: LossFacts & { agent: Agent }): Loss | undefined {
  const timeoutMs = run.effectiveTimeoutMs ?? run.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const lastWordMs = Math.max(agent.lastSeenAtMs ?? 0, run.dispatchedAtMs ?? 0);
  if (nowMs - lastWordMs <= timeoutMs + lostAfterMs) return undefined;
  const why = `the agent has been silent for ${Math.round((nowMs - lastWordMs) / 1000)} s, longer than the time limit and the time that is borne beyond it`;
  return { cause: 'silence', why };
}

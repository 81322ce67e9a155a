import { LEGACY_TRANSPORT, type LossCause } from '@scriptmesh/contracts';
import type { Agent } from '../../registry/index.js';
import { isWithoutJournal, type Run } from '../../runs/index.js';

const DEFAULT_TIMEOUT_MS = 24 * 3600 * 1000;

export interface LossFacts {
  /** undefined when it was removed. */
  readonly agent: Agent | undefined;
  readonly nowMs: number;
  /** Silence before it does not count. */
  readonly silenceFromMs: number;
  /** Silence beyond the timeout that is borne. */
  readonly lostAfterMs: number;
}

export interface Loss {
  readonly cause: LossCause;
  readonly why: string;
}

/** Why nothing will ever be known of a live run any more; undefined while there is hope. */
export function findLoss(run: Run, facts: LossFacts): Loss | undefined {
  const { agent } = facts;
  if (run.state === 'queued') return undefined;
  if (!agent) return { cause: 'agent-removed', why: 'the agent was removed' };
  // The lease of whoever waits for its answer settles it.
  if (isWithoutJournal(run)) return undefined;
  return findJournalLoss(run, agent) ?? findSilence(run, agent, facts);
}

function findJournalLoss(run: Run, agent: Agent): Loss | undefined {
  if (agent.transport === LEGACY_TRANSPORT) {
    return { cause: 'other-journal', why: 'the agent has gone back to ScriptMesh 0.2, which has no journal' };
  }
  if (run.journalId === agent.journalId || (run.inDoubt === 0 && run.state !== 'running')) return undefined;
  const why = 'the agent has another journal than the one the run was offered to: its spool was wiped or restored';
  return { cause: 'other-journal', why };
}

function findSilence(run: Run, agent: Agent, { nowMs, silenceFromMs, lostAfterMs }: LossFacts): Loss | undefined {
  const timeoutMs = run.effectiveTimeoutMs ?? run.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const lastWordMs = Math.max(agent.lastSeenAtMs ?? 0, run.dispatchedAtMs ?? 0, silenceFromMs);
  if (nowMs - lastWordMs <= timeoutMs + lostAfterMs) return undefined;
  const why = `the agent has been silent for ${Math.round((nowMs - lastWordMs) / 1000)} s, longer than the time limit and the time that is borne beyond it`;
  return { cause: 'silence', why };
}

import type { Liveness, RunCause } from '@scriptmesh/contracts';
import type { Run } from './run.js';

/** What became of a run: what happened, by which rule, and what to do. */
export interface Explanation {
  readonly summary: string;
  readonly rule: string;
  readonly advice: string;
}

/** What is said besides; its advice, when it has one, stands in place of the other. */
export type Addition = Pick<Explanation, 'summary' | 'rule'> & Partial<Pick<Explanation, 'advice'>>;

/** What is known of the run's agent. */
export interface AgentFacts {
  readonly liveness: Liveness;
  readonly lastSeenAtMs: number | null;
  /** null before its first word. */
  readonly freeSlots: number | null;
  /** It has said hello, or is one of ScriptMesh 0.2 that never does. */
  readonly isKnown: boolean;
}

export interface ExplainFacts {
  readonly run: Run;
  /** Of the last transition; null when it was written before causes were. */
  readonly cause: RunCause | null;
  /** Who asked for the cancel; null when nobody is on record. */
  readonly cancelledBy: string | null;
  /** undefined when it was removed. */
  readonly agent: AgentFacts | undefined;
  readonly nowMs: number;
  readonly lostAfterMs: number;
  readonly outputMaxBytes: number;
}

export type Explainer = (facts: ExplainFacts) => Explanation;

export const timeOf = (ms: number | null): string => (ms === null ? 'an unknown time' : new Date(ms).toISOString());

/** As in `350 ms`, `12 s`, `3 min 5 s`, `26 h 0 min`. */
export function spanOf(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 1) return `${Math.max(0, Math.round(ms))} ms`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long the script ran, as far as that is known. */
export const ranFor = ({ startedAtMs, finishedAtMs }: Run): string =>
  startedAtMs === null || finishedAtMs === null ? 'an unknown time' : spanOf(finishedAtMs - startedAtMs);

/** `: reason`, or nothing. */
export const because = ({ reason }: Run): string => (reason === null ? '' : `: ${reason}`);

export const readOutput = ({ id }: Run): string => `Read what it wrote: "scriptmesh runs output ${id}".`;
export const showAgent = ({ agentName }: Run): string =>
  `Look at the agent: "scriptmesh agents show ${agentName}" and "scriptmesh agents logs ${agentName} scriptmesh-agent".`;
export const askAgain = ({ script, agentName }: Run): string =>
  `ask for it again: "scriptmesh run ${script} -a ${agentName}"`;

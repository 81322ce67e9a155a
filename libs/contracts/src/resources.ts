import type { RunCause } from './run-causes.js';
import type { Executed, Liveness, Origin, RunState } from './run-states.js';

export const FILE_KINDS = ['file', 'folder'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** A run as the API shows it; times are ISO 8601 with Z. Field order is the order on the wire. */
export interface RunResource {
  readonly id: string;
  readonly agent: string;
  readonly script: string;
  readonly state: RunState;
  /** null while the run is live. */
  readonly executed: Executed | null;
  readonly exitCode: number | null;
  /** As in `SIGKILL`; null unless a signal ended the script. */
  readonly signal: string | null;
  /** What happened, in words; null for a run that succeeded or is on its way. */
  readonly reason: string | null;
  readonly truncated: boolean;
  readonly params: Readonly<Record<string, unknown>>;
  readonly principal: string;
  readonly origin: Origin;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** Somebody has cancelled it; while it is live, its agent has not answered yet. */
  readonly cancelRequested: boolean;
  /** The run that this one was asked for in place of. */
  readonly retryOf: string | null;
  /** How often it may be tried again automatically, by new runs. */
  readonly retries: number;
  /** 1 for a run that somebody asked for, one more for each automatic one after it. */
  readonly attempt: number;
  /** It waits in the queue at least until then. */
  readonly notBefore: string | null;
  /** The run that tries it again automatically; written with its end. */
  readonly retriedBy: string | null;
  /** Only under `Prefer: wait`: the first 64 KiB, invalid UTF-8 replaced. */
  readonly stdout?: string;
  readonly stderr?: string;
}

/** One line of a run's history: its acceptance, a transition, or a decision about it. */
export interface RunEventResource {
  /** Counts up over all of the audit, not within the run. */
  readonly seq: number;
  readonly at: string;
  /** As in `accepted`, `transition`. */
  readonly event: string;
  readonly from: RunState | null;
  /** null for a decision that moved nothing. */
  readonly to: RunState | null;
  /** null where it was written before causes were. */
  readonly cause: RunCause | null;
  /** Who: `operator:...`, `agent:...` or `system:...`. */
  readonly principal: string;
  readonly executed: Executed | null;
  /** The run's own reason, on the event that ended it. */
  readonly reason: string | null;
  readonly requestId: string | null;
}

/** What became of a run, and why, in words. */
export interface ExplanationResource {
  readonly run: string;
  readonly state: RunState;
  readonly executed: Executed | null;
  /** Of the last transition. */
  readonly cause: RunCause | null;
  /** What happened, with the times and figures of this run. */
  readonly summary: string;
  /** The rule of the protocol that decided, and the settings it reads. */
  readonly rule: string;
  /** What to do. */
  readonly advice: string;
}

export interface AgentResource {
  readonly id: string;
  readonly name: string;
  readonly url: string | null;
  readonly transport: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly liveness: Liveness;
  readonly registeredAt: string;
  readonly lastSeenAt: string | null;
  /** Slots for further runs, as last told; null before the first word. */
  readonly freeSlots: number | null;
}

/** One script of one agent's manifest. */
export interface ScriptResource {
  readonly name: string;
  readonly path: string;
  readonly description: string | null;
  readonly interpreter: string | null;
  readonly timeoutSeconds: number | null;
  readonly maxConcurrent: number | null;
  /** Running it again does no harm: failed runs with retries left are tried again. */
  readonly idempotent: boolean;
  /** Why the agent would refuse it now, as in "manifest/unsafe-path: ..."; null when it may run. */
  readonly problem: string | null;
}

/** A script of the catalogue: the same name over all agents that list it. */
export interface CatalogueScriptResource {
  readonly name: string;
  readonly description: string | null;
  readonly agents: readonly string[];
}

/** A file or folder of the data folder. */
export interface FileResource {
  readonly name: string;
  /** From the data folder down, parts separated by "/". */
  readonly path: string;
  readonly kind: FileKind;
  /** null for a folder. */
  readonly bytes: number | null;
  readonly modifiedAt: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; give it back as `?cursor=`; null on the last page. */
  readonly next: string | null;
}

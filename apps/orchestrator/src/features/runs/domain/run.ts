import type {
  AgentId,
  ErrorCode,
  Executed,
  JournalId,
  KillReason,
  Origin,
  PerStream,
  PrincipalId,
  RunId,
  RunState,
} from '@scriptmesh/contracts';
import type { OutputTails } from './output-tail.js';

/** A parameter's value; whatever else a request holds is refused at the door. */
export type ParamValue = string | number | boolean;

/** One execution of one script on one agent, as the orchestrator knows it. Times are orchestrator time in milliseconds. */
export interface Run {
  readonly id: RunId;
  readonly agentId: AgentId;
  /** As it was when the run was asked for. */
  readonly agentName: string;
  readonly script: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly state: RunState;
  /** null while the run is live. */
  readonly executed: Executed | null;
  /** Counts the changes of the row; every change is a compare-and-set on it. */
  readonly rev: number;
  /** Sends that may have reached the agent: up before bytes leave, down only on proof that nothing arrived. */
  readonly inDoubt: number;
  /** The journal the run was first offered to; it is never offered to another one. */
  readonly journalId: JournalId | null;
  /** A start is on record: by output, a result, or a loss that says so. */
  readonly started: boolean;
  readonly cancelRequested: boolean;
  /** What whoever cancelled it said. */
  readonly cancelWhy: string | null;
  /** Was live in a database that was restored from a backup: asked about and fenced, never offered again. */
  readonly restored: boolean;
  readonly principal: PrincipalId;
  readonly origin: Origin;
  readonly createdAtMs: number;
  /** Of the last offer. */
  readonly dispatchedAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** Ends queued and dispatched runs only. */
  readonly deliverByMs: number;
  /** What the request asked for; null leaves it to the node. */
  readonly timeoutMs: number | null;
  /** What the agent said when it accepted. */
  readonly effectiveTimeoutMs: number | null;
  readonly scriptSha: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly killedBy: KillReason | null;
  readonly reasonCode: ErrorCode | null;
  readonly reason: string | null;
  /** Bytes are known to be missing; of a run whose end nobody saw, nobody knows. */
  readonly truncated: boolean;
  /** Acknowledged bytes of each stream: the next offset. Beyond the limit of storage they are counted, not kept. */
  readonly acked: PerStream<number>;
  readonly droppedBytes: number;
  /** Written with the end; null when no stream has gone beyond a limit. */
  readonly tails: OutputTails | null;
  /** Offers and cancels sent so far; sets the pace of the next one. */
  readonly offers: number;
  /** When dispatch has to look at the run again: the next offer, or the end of a queued run's time. */
  readonly nextOfferAtMs: number | null;
  /** Evidence that came after the end. */
  readonly lateResult: LateResult | null;
  /** The run that this one was asked for in place of. */
  readonly retryOf: RunId | null;
  /** How often it may be tried again automatically, by new runs. */
  readonly retries: number;
  /** 1 for a run that somebody asked for, one more for each automatic one after it. */
  readonly attempt: number;
  /** It waits in the queue at least until then; null for one that may leave at once. */
  readonly notBeforeMs: number | null;
  /** The run that tries it again automatically; written with its end. */
  readonly retriedBy: RunId | null;
  /** When retention removed the output; null while it is there. */
  readonly outputPrunedAtMs: number | null;
  /** Where it stands in its caller's trace: the agent hands it on to the script. */
  readonly traceparent: string | null;
}

/** What an agent said of a run that had ended already; shown, never acted on. */
export interface LateResult {
  readonly kind: 'result' | 'spawnFailed' | 'lost';
  readonly atMs: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly killedBy: KillReason | null;
  readonly why: string | null;
}

export interface NewRun extends Pick<
  Run,
  | 'id'
  | 'agentId'
  | 'agentName'
  | 'script'
  | 'params'
  | 'principal'
  | 'origin'
  | 'createdAtMs'
  | 'deliverByMs'
  | 'timeoutMs'
  | 'retryOf'
> {
  readonly traceparent?: string | null;
  /** 0 when it is left out. */
  readonly retries?: number;
  /** 1 when it is left out. */
  readonly attempt?: number;
  readonly notBeforeMs?: number | null;
}

/** Field by field: an object of this size that begins with a spread takes forty times as long to make. */
export const queuedRun = (fields: NewRun): Run => ({
  id: fields.id,
  agentId: fields.agentId,
  agentName: fields.agentName,
  script: fields.script,
  params: fields.params,
  state: 'queued',
  executed: null,
  rev: 0,
  inDoubt: 0,
  journalId: null,
  started: false,
  cancelRequested: false,
  cancelWhy: null,
  restored: false,
  principal: fields.principal,
  origin: fields.origin,
  createdAtMs: fields.createdAtMs,
  dispatchedAtMs: null,
  startedAtMs: null,
  finishedAtMs: null,
  deliverByMs: fields.deliverByMs,
  timeoutMs: fields.timeoutMs,
  effectiveTimeoutMs: null,
  scriptSha: null,
  exitCode: null,
  signal: null,
  killedBy: null,
  reasonCode: null,
  reason: null,
  truncated: false,
  acked: { stdout: 0, stderr: 0 },
  droppedBytes: 0,
  tails: null,
  offers: 0,
  nextOfferAtMs: fields.deliverByMs,
  lateResult: null,
  retryOf: fields.retryOf,
  retries: fields.retries ?? 0,
  attempt: fields.attempt ?? 1,
  notBeforeMs: fields.notBeforeMs ?? null,
  retriedBy: null,
  outputPrunedAtMs: null,
  traceparent: fields.traceparent ?? null,
});

/** A script that was, or may have been, at work when it went out of sight: nobody can say that its output is whole. */
export const isEndUnseen = ({ state, executed }: Pick<Run, 'state' | 'executed'>): boolean =>
  state === 'lost' && executed !== 'no';

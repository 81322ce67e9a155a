import type { ErrorCode } from '../error-catalogue.js';
import type { AgentId, JournalId, RunId } from '../ids.js';
import type { LogAsk, LogPartHead } from '../logs.js';
import type { AgentLossCause } from '../run-causes.js';
import type { KillReason, Stream } from '../run-states.js';

/** The version that this program speaks; another one is refused by name. */
export const MESSAGE_VERSION = 1;

/** What every frame's header carries. `now` is milliseconds: orchestrator time, or the agent's estimate of it. */
interface Envelope {
  readonly v: typeof MESSAGE_VERSION;
  readonly agentId: AgentId;
  /** The first 16 hex digits of the key's SHA-256: says which key made the MAC, without telling it. */
  readonly keyId: string;
  /** The agent's journal as the sender knows it; null when it knows none yet. */
  readonly journalId: JournalId | null;
  readonly now: number;
}
export interface OrchestratorEnvelope extends Envelope {
  /** Commits of the orchestrator's database so far. */
  readonly storeSeq: number;
  /** Proof that this installation told this agent of `storeSeq`; the agent gives it back with `heardSeq`. */
  readonly storeProof?: string;
}
export interface AgentEnvelope extends Envelope {
  /** Intents and fences ever written to this journal. */
  readonly recordCount: number;
  /** The highest storeSeq that the agent was told: by it a database is noticed that was restored from a backup. */
  readonly heardSeq: number;
  /** The `storeProof` that came with it; absent before the first. */
  readonly heardProof?: string;
}

interface AboutRun {
  readonly runId: RunId;
  /** MAC of run id and agent id under a key that is not in the database: base64url, 43 characters. */
  readonly receipt: string;
}
/** Random, 32 hex digits: ties an answer to its question. */
interface AboutRequest {
  readonly requestId: string;
}
/** Ties a welcome to its hello. */
interface HelloTurn {
  /** Fresh random hex of this start of the agent, 32 digits. */
  readonly startId: string;
  /** Counts the hellos of this start; older programs have none. */
  readonly turn?: number;
}
/** The state a run had when it was asked about. */
export type AskedWhile = 'queued' | 'dispatched' | 'running' | 'unknown';

export type ToAgent =
  | ({ readonly kind: 'welcome'; readonly epoch: number; readonly countSeen: number } & HelloTurn)
  | ({
      readonly kind: 'offer';
      readonly script: string;
      readonly params: Readonly<Record<string, unknown>>;
      /** Orchestrator time in milliseconds after which the run must not be started. */
      readonly deliverBy: number;
      /** The run's own limit in milliseconds; null leaves it to the node. */
      readonly timeoutMs: number | null;
      /** Where the run stands in the caller's trace; absent when nobody traces. An older agent drops it. */
      readonly traceparent?: string | undefined;
    } & AboutRun)
  | ({ readonly kind: 'cancel'; readonly why: 'cancelled' | 'expired' } & AboutRun)
  | ({ readonly kind: 'ask'; readonly askedWhile: AskedWhile } & AboutRun)
  | ({ readonly kind: 'ackOutput'; readonly stream: Stream; readonly offset: number } & AboutRun)
  | ({ readonly kind: 'ackResult' } & AboutRun)
  | { readonly kind: 'journal/retired'; readonly retiredJournalId: JournalId }
  | { readonly kind: 'manifestWanted' }
  /** The agent speaks of a journal that is not known here: it has to say hello. */
  | { readonly kind: 'helloWanted' }
  | ({ readonly kind: 'listLogs' } & AboutRequest)
  | ({ readonly kind: 'readLog' } & AboutRequest & LogAsk);

export interface SignOfLife {
  /** The node's boot id; a new one after each reboot. */
  readonly bootId: string;
  /** SHA-256 of the manifest in force; null when none could be read yet. */
  readonly manifestSha: string | null;
  readonly freeSlots: number;
  readonly spoolBytes: number;
  /** Bytes free on the spool's disk; null where that is not known. */
  readonly diskFree: number | null;
  /** Run ids with an open folder in the journal, at most 1000. */
  readonly inventory: readonly RunId[];
}
export type PerStream<T> = Readonly<Record<Stream, T>>;

/** The last bytes of a stream of which more was written than is kept. */
export interface OutputTail {
  /** 1 to OUTPUT_TAIL_BYTES. */
  readonly length: number;
  readonly sha256: string;
}
export const OUTPUT_TAIL_BYTES = 64 * 1024;

export type FromAgent =
  | ({ readonly kind: 'hello'; readonly epoch: number } & HelloTurn & SignOfLife)
  | ({ readonly kind: 'heartbeat' } & SignOfLife)
  | { readonly kind: 'manifest'; readonly manifestSha: string | null }
  | ({ readonly kind: 'accepted'; readonly timeoutMs: number; readonly scriptSha: string } & AboutRun)
  | ({ readonly kind: 'busy'; readonly freeSlots: number } & AboutRun)
  | ({
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly why: string;
      readonly belowFloor: boolean;
    } & AboutRun)
  | ({ readonly kind: 'never'; readonly belowFloor: boolean } & AboutRun)
  | ({ readonly kind: 'absent'; readonly askedWhile: AskedWhile } & AboutRun)
  | ({ readonly kind: 'chunk'; readonly stream: Stream; readonly offset: number } & AboutRun)
  | ({
      readonly kind: 'result';
      /** Exactly one of code and signal is set. */
      readonly code: number | null;
      readonly signal: string | null;
      /** Bytes that the agent keeps (and ships) of each stream. */
      readonly lengths: PerStream<number>;
      readonly sha256: PerStream<string>;
      readonly killedBy: KillReason | null;
      /** The kept bytes are not all that the script wrote, or can no longer be shipped. */
      readonly truncated: boolean;
      /** Bytes written by the script beyond what was kept. */
      readonly dropped: PerStream<number>;
      /**
       * The last of the dropped bytes; the message's bytes are that of stdout, then that of stderr. null where there
       * is none; absent when nothing was dropped, when they are gone, and from older agents.
       */
      readonly tails?: PerStream<OutputTail | null> | undefined;
      readonly durationMs: number;
    } & AboutRun)
  | ({ readonly kind: 'spawnFailed'; readonly code: ErrorCode; readonly why: string } & AboutRun)
  | ({
      readonly kind: 'lost';
      readonly started: boolean;
      readonly why: string;
      /** Absent where the agent has only words for it; a newer agent may send one that is not known here. */
      readonly cause?: AgentLossCause | undefined;
    } & AboutRun)
  | ({ readonly kind: 'journal/mismatch' } & AboutRun)
  /** The bytes are a LogReport as JSON. */
  | ({ readonly kind: 'logs' } & AboutRequest)
  /** The bytes are the log's. */
  | ({ readonly kind: 'logPart' } & AboutRequest & LogPartHead)
  | ({ readonly kind: 'logFault'; readonly code: ErrorCode; readonly why: string } & AboutRequest);

export type ToAgentKind = ToAgent['kind'];
export type FromAgentKind = FromAgent['kind'];
/** A message with its envelope: the JSON header of a frame. */
export type ToAgentHeader = ToAgent & OrchestratorEnvelope;
export type FromAgentHeader = FromAgent & AgentEnvelope;
/** One kind of message, as in `Of<FromAgentHeader, 'chunk'>`. */
export type Of<Message, Kind extends string> = Extract<Message, { readonly kind: Kind }>;

/** What the bytes of a `manifest` message hold, as JSON in UTF-8. */
export interface ManifestReport {
  readonly scripts: readonly import('../resources.js').ScriptResource[];
  /** Faults of the file with their places, as in `scripts[2].path: ...`; the last good manifest stays in force. */
  readonly faults: readonly string[];
}

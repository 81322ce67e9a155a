import type { EndRecord, KillReason, PerStream, RunLimits, StartOrder, Stream } from './words.js';

/** Raised when a message changes its meaning; a supervisor may be older than the agent that speaks with it. */
export const PROTOCOL = 1;

/** No message is longer: parameters are 256 KiB at most, six times as much when JSON escapes each byte. */
export const LONGEST_LINE_BYTES = 4 * 1024 * 1024;

/** Names in the folder `supervisor` of the spool. */
export const SOCKET_NAME = 'socket';
/** Exit code of a supervisor that has found another one at work. */
export const EXIT_TAKEN = 75;
/** What the program writes to stdout once it can be connected to. */
export const READY = 'ready\n';

export type ToSupervisor =
  /** The first message of a connection. A later connection takes the place of an earlier one. */
  | { readonly kind: 'hello'; readonly protocol: number }
  | { readonly kind: 'start'; readonly order: StartOrder }
  | { readonly kind: 'resume'; readonly limits: RunLimits }
  | { readonly kind: 'kill'; readonly runId: string; readonly why: KillReason }
  /** To be replaced by another version: end when nothing runs. */
  | { readonly kind: 'retire' }
  /** The agent stops in order: no need to wait for it when nothing runs. */
  | { readonly kind: 'goodbye' };

export type FromSupervisor =
  | { readonly kind: 'welcome'; readonly protocol: number; readonly version: string; readonly running: number }
  /** The connection ends after it. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Answers of `start`: the script runs; its end is on record without a start (see `ended`); nothing was done. */
  | { readonly kind: 'started'; readonly runId: string }
  | { readonly kind: 'notStarted'; readonly runId: string; readonly why: string }
  /** Answers of `resume`. */
  | { readonly kind: 'running'; readonly runId: string; readonly lengths: PerStream<number> }
  | { readonly kind: 'gone'; readonly runId: string; readonly started: boolean; readonly isOfThisBoot: boolean }
  | { readonly kind: 'notResumed'; readonly runId: string; readonly why: string }
  /** So many bytes of the stream are in its file. */
  | { readonly kind: 'output'; readonly runId: string; readonly stream: Stream; readonly length: number }
  /** The end is on record. */
  | { readonly kind: 'ended'; readonly runId: string; readonly end: EndRecord }
  /** Answer of `retire`: it stays when runs are in hand. */
  | { readonly kind: 'staying' }
  | { readonly kind: 'leaving' };

/** The record `supervisor.json` in the spool: for people and programs that look for the supervisor. */
export interface SupervisorRecord {
  readonly pid: number;
  readonly startTicks: number | null;
  readonly bootId: string | null;
  readonly socket: string;
  readonly version: string;
  readonly protocol: number;
}

export const toLine = (message: ToSupervisor | FromSupervisor): string => `${JSON.stringify(message)}\n`;

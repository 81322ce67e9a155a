import {
  AGENT_LOSS_CAUSES,
  KILL_REASONS,
  STREAMS,
  isErrorCode,
  type AgentLossCause,
  type ErrorCode,
  type KillReason,
  type OutputTail,
  type PerStream,
} from '@scriptmesh/contracts';

/** How a script ended. Written durably as the record `end` in the run's folder before `onEnd` is called. */
export type EndRecord =
  | {
      readonly kind: 'exit';
      /** Exactly one of code and signal is set; 137 by itself and SIGKILL are told apart. */
      readonly code: number | null;
      readonly signal: string | null;
      readonly killedBy: KillReason | null;
      readonly lengths: PerStream<number>;
      readonly sha256: PerStream<string>;
      readonly dropped: PerStream<number>;
      /** What the files `<stream>.tail` hold: the last of what was dropped. Absent when nothing was, and in older records. */
      readonly tails?: PerStream<OutputTail | null>;
      readonly durationMs: number;
    }
  | { readonly kind: 'spawnFailed'; readonly code: ErrorCode; readonly why: string }
  | {
      readonly kind: 'lost';
      readonly started: boolean;
      readonly why: string;
      /** Absent in records of older versions. */
      readonly cause?: AgentLossCause;
    };

/** Is this, read from a file, an end record? A half or foreign file is not one. */
export function isEndRecord(value: unknown): value is EndRecord {
  if (typeof value !== 'object' || value === null) return false;
  const end = value as Record<string, unknown>;
  if (end['kind'] === 'lost') return isLoss(end);
  if (end['kind'] === 'spawnFailed') return isErrorCode(end['code']) && typeof end['why'] === 'string';
  return end['kind'] === 'exit' && isExit(end);
}

function isLoss({ started, why, cause }: Record<string, unknown>): boolean {
  const isKnown = cause === undefined || (AGENT_LOSS_CAUSES as readonly unknown[]).includes(cause);
  return typeof started === 'boolean' && typeof why === 'string' && isKnown;
}

function isExit(end: Record<string, unknown>): boolean {
  const hasOneReason = (end['code'] === null) !== (end['signal'] === null);
  const isKilledBy = end['killedBy'] === null || (KILL_REASONS as readonly unknown[]).includes(end['killedBy']);
  const counts = [end['lengths'], end['dropped']].every((counts) => isPerStream(counts, isCount));
  const tails = end['tails'] === undefined || isPerStream(end['tails'], (tail) => tail === null || isTail(tail));
  const digests = isPerStream(end['sha256'], isDigest);
  return hasOneReason && isKilledBy && counts && digests && tails && isCount(end['durationMs']);
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isDigest = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
function isTail(value: unknown): boolean {
  const { length, sha256 } = value as Record<string, unknown>;
  return isCount(length) && isDigest(sha256);
}
const isPerStream = (value: unknown, check: (value: unknown) => boolean): boolean =>
  typeof value === 'object' &&
  value !== null &&
  STREAMS.every((stream) => check((value as Record<string, unknown>)[stream]));

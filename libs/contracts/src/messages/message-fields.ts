import { KILL_REASONS, STREAMS } from '../run-states.js';
import { isErrorCode } from '../error-catalogue.js';
import { isAgentId, isJournalId, isRunId } from '../ids.js';
import { LOG_TAIL_LINES } from '../logs.js';
import { isName } from '../names.js';
import { isTraceparent } from '../traceparent.js';
import { OUTPUT_TAIL_BYTES } from './messages.js';

/** A check of one header field. Fields that a message does not list are dropped, so that older programs understand newer ones. */
export type FieldCheck = (value: unknown) => boolean;

const MAX_TEXT = 2048;
const SAFE_COUNT = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const orNull =
  (check: FieldCheck): FieldCheck =>
  (value) =>
    value === null || check(value);
const optional =
  (check: FieldCheck): FieldCheck =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...allowed: readonly string[]): FieldCheck =>
  (value) =>
    typeof value === 'string' && allowed.includes(value);
const text: FieldCheck = (value) => typeof value === 'string' && value.length <= MAX_TEXT;
const record: FieldCheck = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const flag: FieldCheck = (value) => typeof value === 'boolean';
const hexDigest: FieldCheck = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const perStream =
  (check: FieldCheck): FieldCheck =>
  (value) =>
    record(value) && STREAMS.every((stream) => check((value as Record<string, unknown>)[stream]));

const runId: FieldCheck = isRunId;
/** A word that newer programs may have more of. */
const optionalWord: FieldCheck = (value) =>
  value === undefined || (typeof value === 'string' && /^[a-z-]{1,40}$/.test(value));
const startId: FieldCheck = (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
const stream = oneOf(...STREAMS);
const killReason = oneOf(...KILL_REASONS);
const askedWhile = oneOf('queued', 'dispatched', 'running', 'unknown');
const exitCode: FieldCheck = (value) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;
const signalName: FieldCheck = (value) => typeof value === 'string' && /^SIG[A-Z0-9+]{1,12}$/.test(value);
const tail: FieldCheck = (value) => {
  const { length, sha256 } = (value ?? {}) as Record<string, unknown>;
  return SAFE_COUNT(length) && (length as number) > 0 && (length as number) <= OUTPUT_TAIL_BYTES && hexDigest(sha256);
};
const inventory: FieldCheck = (value) => Array.isArray(value) && value.length <= 1000 && value.every(isRunId);
const receipt: FieldCheck = (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value);
const storeProof: FieldCheck = (value) =>
  typeof value === 'string' && /^([A-Za-z0-9_-]{1,64}\.)?[A-Za-z0-9_-]{43}$/.test(value);
const requestId: FieldCheck = (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
const fileName: FieldCheck = (value) =>
  typeof value === 'string' && value.length > 0 && value.length <= 255 && !/[/\\\p{Cc}\p{Surrogate}]/u.test(value);
const fileId: FieldCheck = (value) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);
const tailLines: FieldCheck = (value) => SAFE_COUNT(value) && (value as number) <= LOG_TAIL_LINES;

/** Zero would be read as no limit at all. */
const positive: FieldCheck = (value) => Number.isSafeInteger(value) && (value as number) > 0;

const SIGN_OF_LIFE = {
  bootId: text,
  manifestSha: orNull(hexDigest),
  freeSlots: SAFE_COUNT,
  spoolBytes: SAFE_COUNT,
  diskFree: orNull(SAFE_COUNT),
  inventory,
};

/** The fields of each kind that the orchestrator sends, beside those that every header has. */
export const TO_AGENT_FIELDS = {
  welcome: {
    startId,
    turn: optional(SAFE_COUNT),
    epoch: SAFE_COUNT,
    countSeen: (v: unknown) => Number.isSafeInteger(v) && (v as number) >= -1,
  },
  offer: {
    runId,
    receipt,
    script: text,
    params: record,
    deliverBy: SAFE_COUNT,
    timeoutMs: orNull(positive),
    traceparent: optional(isTraceparent),
  },
  cancel: { runId, receipt, why: oneOf('cancelled', 'expired') },
  ask: { runId, receipt, askedWhile },
  ackOutput: { runId, receipt, stream, offset: SAFE_COUNT },
  ackResult: { runId, receipt },
  'journal/retired': { retiredJournalId: isJournalId },
  manifestWanted: {},
  helloWanted: {},
  listLogs: { requestId },
  readLog: {
    requestId,
    log: isName,
    file: orNull(fileName),
    fileId: orNull(fileId),
    tailLines: orNull(tailLines),
    fromOffset: orNull(SAFE_COUNT),
    sinceMs: orNull(SAFE_COUNT),
    untilMs: orNull(SAFE_COUNT),
    keeping: orNull(flag),
  },
} as const satisfies Record<string, Record<string, FieldCheck>>;

/** The fields of each kind that an agent sends. The bytes of `chunk` and `result` are output, those of `manifest` and `logs` JSON, those of `logPart` the log's. */
export const FROM_AGENT_FIELDS = {
  hello: {
    startId,
    turn: optional(SAFE_COUNT),
    epoch: (v: unknown) => Number.isSafeInteger(v) && (v as number) >= -1,
    ...SIGN_OF_LIFE,
  },
  heartbeat: SIGN_OF_LIFE,
  manifest: { manifestSha: orNull(hexDigest) },
  accepted: { runId, receipt, timeoutMs: SAFE_COUNT, scriptSha: hexDigest },
  busy: { runId, receipt, freeSlots: SAFE_COUNT },
  refused: { runId, receipt, code: isErrorCode, why: text, belowFloor: flag },
  never: { runId, receipt, belowFloor: flag },
  absent: { runId, receipt, askedWhile },
  chunk: { runId, receipt, stream, offset: SAFE_COUNT },
  result: {
    runId,
    receipt,
    code: orNull(exitCode),
    signal: orNull(signalName),
    lengths: perStream(SAFE_COUNT),
    sha256: perStream(hexDigest),
    killedBy: orNull(killReason),
    truncated: flag,
    dropped: perStream(SAFE_COUNT),
    tails: optional(perStream(orNull(tail))),
    durationMs: SAFE_COUNT,
  },
  spawnFailed: { runId, receipt, code: isErrorCode, why: text },
  lost: { runId, receipt, started: flag, why: text, cause: optionalWord },
  'journal/mismatch': { runId, receipt },
  logs: { requestId },
  logPart: {
    requestId,
    file: fileName,
    fileId,
    offset: SAFE_COUNT,
    nextOffset: SAFE_COUNT,
    size: SAFE_COUNT,
    keeping: flag,
    changed: orNull(oneOf('rotated', 'truncated')),
  },
  logFault: { requestId, code: isErrorCode, why: text },
} as const satisfies Record<string, Record<string, FieldCheck>>;

export const ENVELOPE_FIELDS = {
  agentId: isAgentId,
  keyId: (v: unknown) => typeof v === 'string' && /^[0-9a-f]{16}$/.test(v),
  journalId: orNull(isJournalId),
  now: SAFE_COUNT,
} as const satisfies Record<string, FieldCheck>;
export const ORCHESTRATOR_ENVELOPE_FIELDS = {
  ...ENVELOPE_FIELDS,
  storeSeq: SAFE_COUNT,
  storeProof: optional(storeProof),
};
export const AGENT_ENVELOPE_FIELDS = {
  ...ENVELOPE_FIELDS,
  recordCount: SAFE_COUNT,
  heardSeq: SAFE_COUNT,
  heardProof: optional(storeProof),
};

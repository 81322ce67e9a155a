import type { AgentId, FromAgentHeader, JournalId, MAIN_PRINCIPAL, Of, RunId } from '@scriptmesh/contracts';
import { queuedRun, type Run } from '../domain/run.js';

export const JOURNAL = 'a'.repeat(32) as JournalId;
export const NOW_MS = 1_000_000;
const ID = '019b7600-0000-7000-8000-000000000001' as RunId;

/** A run that was asked for a while ago; what a state implies is set with it. */
export function aRun(overrides: Partial<Run> = {}): Run {
  const queued = queuedRun({
    id: ID,
    agentId: '019b7600-0000-7000-8000-0000000000a1' as AgentId,
    agentName: 'db-1',
    script: 'hello_world',
    params: {},
    principal: 'operator:main' as typeof MAIN_PRINCIPAL,
    origin: 'api',
    createdAtMs: NOW_MS - 1000,
    deliverByMs: NOW_MS + 600_000,
    timeoutMs: null,
    retryOf: null,
  });
  const isOffered = overrides.state !== undefined && overrides.state !== 'queued';
  return {
    ...queued,
    ...(isOffered ? { inDoubt: 1, journalId: JOURNAL, dispatchedAtMs: NOW_MS - 500 } : {}),
    ...overrides,
  };
}

type Kind = FromAgentHeader['kind'];
const FIELDS = {
  accepted: { timeoutMs: 5000, scriptSha: 'b'.repeat(64) },
  never: { belowFloor: false },
  refused: { code: 'manifest/hash-mismatch', why: 'the file has changed', belowFloor: false },
  absent: { askedWhile: 'running' },
  chunk: { stream: 'stdout', offset: 0 },
  spawnFailed: { code: 'run/start-failed', why: 'no interpreter' },
  lost: { started: true, why: 'the node was restarted' },
  result: {
    code: 0,
    signal: null,
    lengths: { stdout: 0, stderr: 0 },
    sha256: { stdout: 'c'.repeat(64), stderr: 'c'.repeat(64) },
    killedBy: null,
    truncated: false,
    dropped: { stdout: 0, stderr: 0 },
    durationMs: 100,
  },
} as const satisfies Partial<Record<Kind, object>>;

/** A message about the run of `aRun`, from its journal. */
export function aMessage<K extends keyof typeof FIELDS>(kind: K, overrides: object = {}): Of<FromAgentHeader, K> {
  const about = { v: 1, kind, runId: ID, receipt: 'r'.repeat(43), journalId: JOURNAL };
  return { ...about, ...FIELDS[kind], ...overrides } as unknown as Of<FromAgentHeader, K>;
}

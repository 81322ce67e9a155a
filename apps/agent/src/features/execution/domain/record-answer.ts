import type { FromAgent, RunId } from '@scriptmesh/contracts';
import type { EndRecord, Fence, RunRecord } from '../../journal/index.js';

interface AboutRun {
  readonly runId: RunId;
  readonly receipt: string;
}

/** What a record says to the orchestrator. The receipt of the question stands in for one that could not be read. */
export function answerOfRecord(record: RunRecord, askedReceipt: string): FromAgent {
  const about = { runId: record.runId, receipt: record.receipt || askedReceipt };
  if (record.kind === 'fence') return answerOfFence(about, record.fence);
  if (record.kind === 'done') return answerOfEnd(about, record.end, { isOutputGone: true });
  if (record.end) return answerOfEnd(about, record.end, { isOutputGone: false });
  return { kind: 'accepted', ...about, timeoutMs: record.timeoutMs, scriptSha: record.scriptSha };
}

function answerOfFence(about: AboutRun, fence: Fence): FromAgent {
  const { belowFloor } = fence;
  if (fence.by === 'cancel') return { kind: 'never', ...about, belowFloor };
  return { kind: 'refused', ...about, code: fence.code, why: fence.why, belowFloor };
}

/** `isOutputGone`: the bytes were acknowledged and deleted, or can no longer be read. */
export function answerOfEnd(about: AboutRun, end: EndRecord, { isOutputGone }: { isOutputGone: boolean }): FromAgent {
  if (end.kind === 'lost') return { kind: 'lost', ...about, started: end.started, why: end.why, cause: end.cause };
  if (end.kind === 'spawnFailed') return { kind: 'spawnFailed', ...about, code: end.code, why: end.why };
  const { code, signal, lengths, sha256, killedBy, dropped, durationMs } = end;
  const truncated = isOutputGone || dropped.stdout > 0 || dropped.stderr > 0;
  return { kind: 'result', ...about, code, signal, lengths, sha256, killedBy, truncated, dropped, durationMs };
}

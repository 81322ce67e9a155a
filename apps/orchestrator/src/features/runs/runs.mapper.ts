import type { RunDto } from '@scriptmesh/contracts/dto';
import { isEndUnseen, type LateResult, type Run } from './domain/run.js';

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** The only crossing from a run to what the API shows of it. */
export function toRunDto(run: Run): RunDto {
  return {
    id: run.id,
    agent: run.agentName,
    script: run.script,
    state: run.state,
    executed: run.executed,
    exitCode: run.exitCode,
    signal: run.signal,
    reason: describeReason(run),
    truncated: run.truncated || isEndUnseen(run),
    params: run.params,
    principal: run.principal,
    origin: run.origin,
    createdAt: new Date(run.createdAtMs).toISOString(),
    startedAt: timeOrNull(run.startedAtMs),
    finishedAt: timeOrNull(run.finishedAtMs),
    stdoutBytes: run.acked.stdout,
    stderrBytes: run.acked.stderr,
    cancelRequested: run.cancelRequested,
    retryOf: run.retryOf,
    retries: run.retries,
    attempt: run.attempt,
    notBefore: timeOrNull(run.notBeforeMs),
    retriedBy: run.retriedBy,
    outputPrunedAt: timeOrNull(run.outputPrunedAtMs),
    lateResult: run.lateResult && toLateResultDto(run.lateResult),
  };
}

const toLateResultDto = ({ atMs, ...late }: LateResult): RunDto['lateResult'] => ({
  ...late,
  at: new Date(atMs).toISOString(),
});

/** The code first, where there is one, so that programs need not read the words. */
const describeReason = ({ reasonCode, reason }: Run): string | null =>
  reasonCode !== null && reason !== null ? `${reasonCode}: ${reason}` : reason;

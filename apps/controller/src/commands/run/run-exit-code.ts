import { type ErrorCode, isErrorCode, isMeshError, type RunResource, type RunState } from '@scriptmesh/contracts';
import { EXIT, signalExitCode } from '../../exit-code.js';

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  'script/not-found': EXIT.scriptMissing,
  'script/file-missing': EXIT.scriptMissing,
  'auth/forbidden': EXIT.refused,
  'params/invalid': EXIT.refused,
  'request/key-reused': EXIT.refused,
  'script/not-runnable': EXIT.refused,
  'manifest/invalid': EXIT.refused,
  'manifest/unsafe-path': EXIT.refused,
  'manifest/unsafe-permissions': EXIT.refused,
  'manifest/hash-mismatch': EXIT.refused,
};
/** Rejected, but not because it is not allowed: the start failed, or the offer came too late. */
const NOT_RUN: readonly string[] = ['run/start-failed', 'run/stale'] satisfies ErrorCode[];

const BY_STATE: Readonly<Record<RunState, (run: RunResource) => number>> = {
  succeeded: () => EXIT.ok,
  failed: ({ exitCode, signal }) => exitCode ?? (signal === null ? EXIT.notRun : signalExitCode(signal)),
  timed_out: () => EXIT.timedOut,
  cancelled: () => EXIT.interrupted,
  rejected: ({ reason }) => rejectedExitCode(reason),
  expired: () => EXIT.notRun,
  lost: () => EXIT.notRun,
  queued: () => EXIT.notRun,
  dispatched: () => EXIT.notRun,
  running: () => EXIT.notRun,
};

/** The exit code of `run` for a run that has ended: the script's own, or what kept it from having one. */
export const runExitCode = (run: RunResource): number => BY_STATE[run.state](run);

/** The exit code of `run` when the orchestrator did not take the run, or its answer did not come. */
export const askingExitCode = (error: unknown): number =>
  (isMeshError(error) ? BY_CODE[error.code] : undefined) ?? EXIT.notRun;

/** The code with which a reason begins, as in `script/not-found: db-1 lists no script x`; null when there is none. */
export function reasonCode(reason: string | null): ErrorCode | null {
  const code = /^[a-z]+\/[a-z-]+/.exec(reason ?? '')?.[0];
  return isErrorCode(code) ? code : null;
}

function rejectedExitCode(reason: string | null): number {
  const code = reasonCode(reason);
  if (code !== null && NOT_RUN.includes(code)) return EXIT.notRun;
  return (code === null ? undefined : BY_CODE[code]) ?? EXIT.refused;
}

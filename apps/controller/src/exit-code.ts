import { constants } from 'node:os';
import { EXIT_CONFIG } from '@scriptmesh/config';
import { type ErrorCode, isMeshError } from '@scriptmesh/contracts';
import { UsageFault } from './cli/usage-fault.js';

/** What this program's exit codes mean; docs and scripts rely on them. */
export const EXIT = {
  ok: 0,
  other: 1,
  usage: 2,
  notFound: 3,
  key: 4,
  conflict: 5,
  unreachable: 6,
  /** As the other two programs end when the home folder that was named cannot be made. */
  config: EXIT_CONFIG,
  /** From here on only `run`, where every other code is the script's own. */
  timedOut: 124,
  notRun: 125,
  refused: 126,
  scriptMissing: 127,
  interrupted: 130,
  /** As shells call a program whose reader went away: 128 + SIGPIPE. */
  brokenPipe: 141,
} as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  'orchestrator/unreachable': EXIT.unreachable,
  'orchestrator/stopping': EXIT.unreachable,
  'auth/rate-limited': EXIT.key,
  'settings/invalid': EXIT.usage,
};
const BY_STATUS: Readonly<Record<number, number>> = {
  401: EXIT.key,
  403: EXIT.key,
  404: EXIT.notFound,
  409: EXIT.conflict,
};

/** The exit code for an error of any command but `run`. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof UsageFault) return EXIT.usage;
  if (!isMeshError(error)) return EXIT.other;
  if (error.faults.some(({ path }) => path === 'SCRIPT_MESH_HOME')) return EXIT.config;
  return BY_CODE[error.code] ?? BY_STATUS[error.status] ?? EXIT.other;
}

/** 128 + N, as shells do; for a name that this system does not know, as if it were KILL. */
export function signalExitCode(signal: string | null): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal ?? ''] ?? constants.signals.SIGKILL);
}

import type { KillReason } from '../run-states.js';

export interface LegacyEnd {
  readonly exitCode: number | null;
  /** As a number; null when the script ended by itself. */
  readonly signalNumber: number | null;
  readonly killedBy: KillReason | null;
}

const SIGTERM = 15;

/** Python's: minus the number of the signal. A script that was stopped has not succeeded, whatever it says. */
export function toReturnCode({ exitCode, signalNumber, killedBy }: LegacyEnd): number {
  if (signalNumber !== null) return -signalNumber;
  if (exitCode !== null && (exitCode !== 0 || killedBy === null)) return exitCode;
  return -SIGTERM;
}

/** The body of a script that failed, as a 0.2 agent sends it. */
export const toLegacyFailure = (script: string, stderr: string, returncode: number) => ({
  error: 'Script execution failed',
  script,
  stderr,
  returncode,
});

/** The body of a script that succeeded, as a 0.2 agent sends it. */
export const toLegacySuccess = (script: string, stdout: string, stderr: string) => ({
  status: 'success',
  script,
  output: { stdout, stderr, returncode: 0 },
});

import { EXIT_CONFIG, SettingsError } from '@scriptmesh/config';
import { isMeshError, type ErrorCode } from '@scriptmesh/contracts';

/** Why the program did not start, as it stands on stderr: what happened, why, what to do. */
export function describeStartFault(error: unknown): string {
  if (isMeshError(error)) return `scriptmesh orchestrator: ${error.code}: ${error.detail}. ${error.hint}`;
  if (error instanceof SettingsError) return `scriptmesh orchestrator: ${error.message}`;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `scriptmesh orchestrator: unexpected: ${text}`;
}

/** What may be over by itself a moment later: a database that comes up after us, a disk that others fill and empty. */
const PASSING: ReadonlySet<string> = new Set(['store/unavailable', 'store/full'] satisfies ErrorCode[]);

/** 78 for what an administrator has to mend, and 1 for what a service manager should try again. */
export const startFaultExitCode = (error: unknown): number =>
  error instanceof SettingsError || (isMeshError(error) && !PASSING.has(error.code)) ? EXIT_CONFIG : 1;

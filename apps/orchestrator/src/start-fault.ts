import { EXIT_CONFIG, SettingsError } from '@scriptmesh/config';
import { isMeshError } from '@scriptmesh/contracts';

/** Why the program did not start, as it stands on stderr: what happened, why, what to do. */
export function describeStartFault(error: unknown): string {
  if (isMeshError(error)) return `scriptmesh orchestrator: ${error.code}: ${error.detail}. ${error.hint}`;
  if (error instanceof SettingsError) return `scriptmesh orchestrator: ${error.message}`;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `scriptmesh orchestrator: unexpected: ${text}`;
}

/** 78 for what an administrator has to mend, 1 for the unforeseen. */
export const startFaultExitCode = (error: unknown): number =>
  isMeshError(error) || error instanceof SettingsError ? EXIT_CONFIG : 1;

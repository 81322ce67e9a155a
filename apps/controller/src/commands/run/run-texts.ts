import type { RunResource, RunState } from '@scriptmesh/contracts';
import { escapeLine } from '../../output/escape-controls.js';

/** The line that stands on the terminal while a run is waited for; what changes comes first, for the rest may be cut. */
export const progressText = ({ id, agent }: RunResource, state: RunState, seconds: number): string =>
  `scriptmesh: ${state}, ${elapsed(seconds)}: run ${id} on ${escapeLine(agent)}`;

/** The line about a run that has ended. */
export const endText = (run: RunResource, seconds: number): string =>
  `scriptmesh: run ${run.id} on ${escapeLine(run.agent)}: ${run.state}${exitText(run)}, ${elapsed(seconds)}\n`;

/** The line between two attempts. */
export const nextAttemptText = (ended: RunResource, next: RunResource): string =>
  `scriptmesh: run ${ended.id}: ${ended.state}${exitText(ended)}; attempt ${next.attempt} of ${next.retries + 1} is run ${next.id}, not before ${next.notBefore ?? next.createdAt}\n`;

/** ` (exit 3)`, ` (SIGKILL)`, or nothing when the script did not come to an end of its own. */
export function exitText({ exitCode, signal }: RunResource): string {
  if (signal !== null) return ` (${escapeLine(signal)})`;
  return exitCode === null ? '' : ` (exit ${exitCode})`;
}

function elapsed(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

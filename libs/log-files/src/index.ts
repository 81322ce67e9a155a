/**
 * Reads log files for those who are not on the machine: by name, bounded, never outside the folder that was meant.
 * It does not decide which files are logs (the agent's manifest and the orchestrator do) and keeps nothing open.
 */
export { isSecretName } from './forbidden-places.js';
export { LogFiles, type LogSources } from './log-files.js';
export type { LogSource } from './log-source.js';

/** What `scriptmesh doctor` looks at, wherever it is asked: on an operator's machine, on a node, beside the orchestrator. */
export { isHealthy, ok, problem, skipped, tell, toJsonText, toText, warning, type Finding } from './finding.js';
export { freeBytes, judgeDisk } from './look-at-disk.js';
export { lookForHome } from './look-for-home.js';
export { lookAtOrchestrator } from './look-at-orchestrator.js';
export { findingsOf } from './look-at-settings.js';
export { lookAtStreams } from './look-at-streams.js';

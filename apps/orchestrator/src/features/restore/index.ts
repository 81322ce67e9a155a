export { RestoreModule } from './restore.module.js';
export { RestoredRuns, type MarkedRuns } from './restored-runs.js';

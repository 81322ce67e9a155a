export { DeferredGate } from './deferred-gate.js';
export { DispatchGate } from './dispatch-gate.js';
export { claimRun, repeatAfterMs, unclaimRun } from './domain/claim.js';
export { endRun, loseRun, patchRun, unmoved } from './domain/run-progress.js';
export type { Run } from './domain/run.js';
export { RunFeed } from './run-feed.js';
export { RunsModule } from './runs.module.js';
export { RunsStore } from './runs.store.js';
export { RunWriter } from './run-writer.js';

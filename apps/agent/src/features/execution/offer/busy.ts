import type { RunId } from '@scriptmesh/contracts';
import { say, type Outgoing } from '../../link/index.js';

/** Not now: no record is written, and the orchestrator offers again later. */
export const busy = (runId: RunId, receipt: string, freeSlots: number): readonly Outgoing[] =>
  say({ kind: 'busy', runId, receipt, freeSlots });

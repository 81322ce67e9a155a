import { isFinalState, SYSTEM_PRINCIPAL } from '@scriptmesh/contracts';
import { RunsStore, RunWriter, type endRun, type Run } from '../../apps/orchestrator/src/features/runs/index.js';
import type { World } from './world.js';
import { unlessUnavailable } from './world-store.js';

/** Ends runs by a decision that nobody should take. */
export function decide(
  world: World,
  reach: () => void,
  wanted: (run: Run) => boolean,
  end: (run: Run) => ReturnType<typeof endRun>,
) {
  const written = world.get(RunWriter).write(SYSTEM_PRINCIPAL, async (runs) => {
    const live = await world.get(RunsStore).listLive(null);
    await runs.read(live.filter(wanted).map(({ id }) => id));
    for (const { id } of live) {
      const run = runs.find(id);
      if (!run || isFinalState(run.state) || !wanted(run)) continue;
      reach();
      runs.apply(end(run));
    }
  });
  return written.catch(unlessUnavailable);
}

import { isFinalState, type RunResource } from '@scriptmesh/contracts';
import type { Paint, View } from '../../output/view.js';

export const RUN_VIEW: View<RunResource> = {
  nameOf: (run) => run.id,
  columns: [
    { head: 'id', text: (run) => run.id },
    { head: 'agent', text: (run) => run.agent },
    { head: 'script', text: (run) => run.script },
    { head: 'state', text: (run) => run.state, paint: paintState },
    { head: 'exit', text: (run) => run.signal ?? String(run.exitCode ?? '') },
    { head: 'created', text: (run) => run.createdAt },
  ],
};

function paintState(shown: string, { state }: RunResource, colors: Paint): string {
  if (!isFinalState(state)) return colors.cyan(shown);
  return state === 'succeeded' ? colors.green(shown) : colors.red(shown);
}

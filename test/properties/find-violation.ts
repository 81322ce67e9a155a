import * as fc from 'fast-check';
import type { Violation } from './check-history.js';
import { aHistory, type History } from './history.js';

const LONGEST_SHRINKING_MS = 120_000;
const COMMAND = 'npx vitest run --project properties test/properties/histories.spec.ts';

export interface Wanted {
  readonly seed: number;
  readonly numRuns: number;
  /** Only this one of the seed: what an earlier failure told. */
  readonly path?: string;
}

/**
 * Plays histories until one shows a violation, then looks for the shortest that still does.
 * @returns what to tell whoever has to mend it; undefined when all held
 */
export async function findViolation(
  wanted: Wanted,
  play: (history: History) => Promise<Violation | undefined>,
): Promise<string | undefined> {
  const every = fc.asyncProperty(aHistory, async (history) => {
    const violation = await play(history);
    if (violation) throw violation;
  });
  const first = await fc.check(every, { ...wanted, endOnFailure: true });
  if (!first.failed) return undefined;
  const path = wanted.path ?? first.counterexamplePath ?? '';
  const interruptAfterTimeLimit = LONGEST_SHRINKING_MS;
  const shrunk = await fc.check(every, { seed: wanted.seed, path, interruptAfterTimeLimit });
  return tell(shrunk.failed && shrunk.counterexample ? shrunk : first);
}

function tell({ seed, counterexample, counterexamplePath, errorInstance, numShrinks }: fc.RunDetails<[History]>) {
  const history = counterexample?.[0];
  const steps = history?.steps.map(({ kind, pick }) => `  ${kind} ${pick}`) ?? [];
  return [
    `violated: ${String(errorInstance)}`,
    `seed ${seed}, path ${counterexamplePath}, made shorter ${numShrinks} times; the history (seed ${history?.seed}, rolls back the ${history?.rollsBack}):`,
    ...steps,
    `again: SCRIPT_MESH_TEST_SEED=${seed} SCRIPT_MESH_TEST_PATH=${counterexamplePath} ${COMMAND}`,
  ].join('\n');
}

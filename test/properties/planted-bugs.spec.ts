import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aHistory, type History } from './history.js';
import { AGENT_BUGS } from './planted-agent-bugs.js';
import { JOURNAL_BUGS } from './planted-journal-bugs.js';
import { ORCHESTRATOR_BUGS } from './planted-orchestrator-bugs.js';
import { STORE_BUGS } from './planted-store-bugs.js';
import { playHistory } from './play-history.js';
import type { PlantedBug } from './planting.js';
import { StoreTemplate } from './world-store.js';
import { AGENTS } from './world.js';

const HISTORIES = 60;
const SEED = 1;
const SPECIFICATION = 'docs/specs/what-the-model-leaves-out.md';
const BUGS = [...AGENT_BUGS, ...JOURNAL_BUGS, ...ORCHESTRATOR_BUGS, ...STORE_BUGS];

/** A checker that catches none of them would be worth nothing. */
describe('a planted bug shows in the histories', () => {
  const histories = fc.sample(aHistory, { seed: SEED, numRuns: HISTORIES });
  let template: StoreTemplate;
  beforeAll(async () => {
    template = await new StoreTemplate().make(AGENTS);
  });
  afterAll(() => template.remove());

  /** A change of the code may let another history show it first. @returns the first history that shows it, or why none */
  async function findShowing(bug: PlantedBug): Promise<History | string> {
    const others = new Set<string>();
    let isReached = false;
    const first = typeof bug.shownBy === 'number' ? histories[bug.shownBy] : bug.shownBy;
    for (const history of new Set([first ?? [], ...histories].flat())) {
      const played = await playHistory(history, template, bug);
      const invariant = played.violation?.invariant;
      if (bug.caughtBy.some((wanted) => wanted === invariant)) return history;
      if (invariant) others.add(invariant);
      isReached ||= played.isReached;
    }
    if (!isReached) return `never reached: in none of ${HISTORIES} histories did the planted code do anything`;
    const instead = others.size > 0 ? `, only as ${[...others].join(', ')}` : '';
    return `not caught: it does not show as ${bug.caughtBy.join(' or ')} in ${HISTORIES} histories${instead}`;
  }

  it.each(BUGS.filter(({ caughtBy }) => caughtBy.length > 0))(
    '$name: $what ($caughtBy)',
    { timeout: 300_000 },
    async (bug) => {
      const showing = await findShowing(bug);
      if (typeof showing === 'string') return expect.fail(showing);
      expect((await playHistory(showing, template)).violation, 'without the bug').toBeUndefined();
    },
  );

  it('the specification lists those that no history can show', () => {
    const uncaught = BUGS.filter(({ caughtBy }) => caughtBy.length === 0).map(({ name }) => name);
    const listed = readFileSync(SPECIFICATION, 'utf8').matchAll(/^\| `(\w+)` /gmu);
    expect([...listed].map(([, name]) => name).toSorted()).toEqual(uncaught.toSorted());
  });
});

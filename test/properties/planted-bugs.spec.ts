import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aHistory } from './history.js';
import { AGENT_BUGS } from './planted-agent-bugs.js';
import { ORCHESTRATOR_BUGS } from './planted-orchestrator-bugs.js';
import { playHistory } from './play-history.js';
import type { PlantedBug } from './planting.js';
import { StoreTemplate } from './world-store.js';
import { AGENTS } from './world.js';

const HISTORIES = 60;
const SEED = 1;

/** A checker that catches none of them would be worth nothing. */
describe('a planted bug shows in the histories', () => {
  const histories = fc.sample(aHistory, { seed: SEED, numRuns: HISTORIES });
  let template: StoreTemplate;
  beforeAll(async () => {
    template = await new StoreTemplate().make(AGENTS);
  });
  afterAll(() => template.remove());

  /** A change of the code may let another history show it first. @returns the first history that shows it */
  async function findShowing(bug: PlantedBug) {
    const others = histories.filter((_, n) => n !== bug.shownBy);
    for (const history of [histories[bug.shownBy], ...others]) {
      if (history && (await playHistory(history, template, bug))) return history;
    }
    return undefined;
  }

  it.each([...AGENT_BUGS, ...ORCHESTRATOR_BUGS])('$name: $what', { timeout: 300_000 }, async (bug) => {
    const showing = await findShowing(bug);
    expect(showing, `shows in none of ${HISTORIES} histories`).toBeDefined();
    if (showing) expect(await playHistory(showing, template), 'without the bug').toBeUndefined();
  });
});

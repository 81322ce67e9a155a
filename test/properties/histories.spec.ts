import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findViolation, type Wanted } from './find-violation.js';
import { playHistory } from './play-history.js';
import { StoreTemplate } from './world-store.js';
import { AGENTS } from './world.js';

/** More of them by hand: SCRIPT_MESH_TEST_HISTORIES=5000. A failure says how to play the same history again. */
const WANTED: Wanted = {
  numRuns: Number(process.env['SCRIPT_MESH_TEST_HISTORIES'] ?? 100),
  seed: Number(process.env['SCRIPT_MESH_TEST_SEED'] ?? 1),
  ...(process.env['SCRIPT_MESH_TEST_PATH'] ? { path: process.env['SCRIPT_MESH_TEST_PATH'] } : {}),
};
const MOST_TIME_MS = 3_600_000;

describe('the real programs over a hostile network', () => {
  let template: StoreTemplate;
  beforeAll(async () => {
    template = await new StoreTemplate().make(AGENTS);
  });
  afterAll(() => template.remove());

  it('keep the invariants in every history', { timeout: MOST_TIME_MS }, async () => {
    let played = 0;
    const violation = await findViolation(WANTED, async (history) => {
      played += 1;
      return (await playHistory(history, template)).violation;
    });
    if (violation !== undefined) expect.fail(violation);
    expect(played).toBe(WANTED.path === undefined ? WANTED.numRuns : 1);
  });
});

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aHistory } from './history.js';
import { playHistory } from './play-history.js';
import { StoreTemplate } from './world-store.js';
import { AGENTS } from './world.js';

/** More of them by hand: SCRIPT_MESH_TEST_HISTORIES=5000; the shortest that fails: SCRIPT_MESH_TEST_SHRINK=1. */
const HISTORIES = Number(process.env['SCRIPT_MESH_TEST_HISTORIES'] ?? 100);
const SEED = Number(process.env['SCRIPT_MESH_TEST_SEED'] ?? 1);
const MOST_TIME_MS = 3_600_000;

describe('the real programs over a hostile network', () => {
  let template: StoreTemplate;
  beforeAll(async () => {
    template = await new StoreTemplate().make(AGENTS);
  });
  afterAll(() => template.remove());

  it('keep the invariants in every history', { timeout: MOST_TIME_MS }, async () => {
    const every = fc.asyncProperty(aHistory, async (history) => {
      const violation = await playHistory(history, template);
      if (violation) throw violation;
    });
    const endOnFailure = process.env['SCRIPT_MESH_TEST_SHRINK'] === undefined;
    const told = await fc.check(every, { seed: SEED, numRuns: HISTORIES, endOnFailure });
    expect(told.failed, fc.defaultReportMessage(told)).toBe(false);
    expect(told.numRuns).toBe(HISTORIES);
  });
});

import type { AgentId, RunId, RunState } from '@scriptmesh/contracts';
import { PromMetrics } from '@scriptmesh/metrics';
import { metricValue } from '@scriptmesh/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { aStoredRun } from '../../test-support/a-stored-run.js';
import { RunFeed, type Run } from '../runs/index.js';
import { RunMetrics } from './run-metrics.js';

const ID = '019b7600-0000-7000-8000-000000000001' as RunId;
const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;

describe('RunMetrics', () => {
  let feed: RunFeed;
  let metrics: PromMetrics;
  beforeEach(() => {
    feed = new RunFeed();
    metrics = new PromMetrics();
    expect(new RunMetrics(metrics, feed)).toBeDefined();
  });

  const tell = (overrides: Partial<Run>, ...states: readonly RunState[]) => {
    const moves = states.slice(1).map((to, n) => ({ from: states[n] as RunState, to }) as never);
    feed.tell(aStoredRun(ID, AGENT, { rev: 3, ...overrides }), moves);
  };
  const value = async (series: string) => metricValue((await metrics.render()).text, series);

  it('counts an end once, however often the run is told of afterwards', async () => {
    tell({ state: 'lost' }, 'dispatched', 'lost');
    tell({ state: 'lost', lateResult: null });
    expect(await value('scriptmesh_runs_lost_total')).toBe(1);
    expect(await value('scriptmesh_runs_finished_total{state="lost",script="other"}')).toBe(1);
  });

  it('names a script once an agent has taken a run of it', async () => {
    tell({ state: 'rejected', script: 'invented' }, 'dispatched', 'rejected');
    tell({ state: 'succeeded', startedAtMs: 2000, finishedAtMs: 5000 }, 'dispatched', 'running', 'succeeded');
    expect(await value('scriptmesh_runs_finished_total{state="rejected",script="other"}')).toBe(1);
    expect(await value('scriptmesh_runs_finished_total{state="succeeded",script="hello_world"}')).toBe(1);
    expect(await value('scriptmesh_run_duration_seconds_sum{state="succeeded"}')).toBe(3);
    expect(await value('scriptmesh_run_start_delay_seconds_sum')).toBe(1);
  });

  it('counts a run as accepted when it is written for the first time', async () => {
    tell({ rev: 0 });
    tell({ rev: 1 });
    expect(await value('scriptmesh_runs_accepted_total{origin="api"}')).toBe(1);
  });
});

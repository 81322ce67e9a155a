import { describe, expect, it } from 'vitest';
import { lintMetrics, metricValue } from './lint-metrics.js';

const metric = (name: string, type: string, help = 'Words.', labels = '') =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}${labels} 1\n`;

describe('lintMetrics', () => {
  it('lets good names pass', () => {
    expect(
      lintMetrics(metric('scriptmesh_runs_finished_total', 'counter', 'Words.', '{state="lost",script="a"}')),
    ).toEqual([]);
    expect(lintMetrics(metric('scriptmesh_disk_free_bytes', 'gauge'))).toEqual([]);
  });

  it.each([
    ['a counter without _total', metric('scriptmesh_runs', 'counter')],
    ['a gauge with _total', metric('scriptmesh_runs_total', 'gauge')],
    ['another unit than a base unit', metric('scriptmesh_wait_ms', 'gauge')],
    ['a histogram without a unit', metric('scriptmesh_wait', 'histogram')],
    ['no help', metric('scriptmesh_runs', 'gauge', '')],
    ['capitals', metric('scriptmesh_Runs', 'gauge')],
    ['a prefix of its own', metric('runs', 'gauge')],
    ['a label that is not on the list', metric('scriptmesh_runs', 'gauge', 'Words.', '{run_id="1"}')],
    ['no type at all', 'scriptmesh_runs 1\n'],
  ])('finds %s', (_, text) => expect(lintMetrics(text)).not.toEqual([]));

  it('reads the value of a series', () => {
    expect(metricValue('a{b="c"} 4\na 2\n', 'a{b="c"}')).toBe(4);
    expect(metricValue('a 2\n', 'b')).toBe(0);
  });
});

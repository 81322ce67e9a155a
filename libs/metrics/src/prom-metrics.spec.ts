import { lintMetrics, metricValue } from '@scriptmesh/testing';
import { describe, expect, it } from 'vitest';
import { KnownNames } from './known-names.js';
import { PromMetrics } from './prom-metrics.js';

describe('PromMetrics', () => {
  it('gives the same counter for the same name, and adds up', async () => {
    const metrics = new PromMetrics();
    const spec = { name: 'scriptmesh_x_total', help: 'Words.', labels: ['state'] };
    metrics.counter(spec).add({ state: 'a' });
    metrics.counter(spec).add({ state: 'a' }, 2);
    expect(metricValue((await metrics.render()).text, 'scriptmesh_x_total{state="a"}')).toBe(3);
  });

  it('reads gauges when somebody looks, and leaves out one that cannot be read', async () => {
    const metrics = new PromMetrics();
    let value = 1;
    metrics.gauge({ name: 'scriptmesh_good', help: 'Words.' }, () => [[value]]);
    metrics.gauge({ name: 'scriptmesh_bad', help: 'Words.', labels: ['state'] }, () =>
      Promise.reject(new Error('gone')),
    );
    metrics.gauge({ name: 'scriptmesh_unknown', help: 'Words.' }, () => []);
    value = 7;
    const { text, contentType } = await metrics.render();
    expect(metricValue(text, 'scriptmesh_good')).toBe(7);
    expect(text).not.toMatch(/^scriptmesh_(bad|unknown)/m);
    expect(contentType).toContain('text/plain');
  });

  it('tells of the process in names that pass the lint', async () => {
    const { text } = await PromMetrics.ofProcess().render();
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(lintMetrics(text)).toEqual([]);
  });
});

describe('KnownNames', () => {
  it('knows what it has learnt, at most 200, and calls all others by one name', () => {
    const names = new KnownNames();
    expect(names.labelOf('a')).toBe('other');
    for (let n = 0; n < 300; n += 1) names.learn(`s${n}`);
    expect(names.labelOf('s199')).toBe('s199');
    expect(names.labelOf('s200')).toBe('other');
  });
});

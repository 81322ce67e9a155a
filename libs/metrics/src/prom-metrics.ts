import prom from 'prom-client';
import {
  Metrics,
  type Counter,
  type GaugeValue,
  type Histogram,
  type HistogramSpec,
  type Labels,
  type MetricSpec,
} from './metrics.js';

/** Gauges of prom-client that are named like counters, so that no lint lets them pass. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/**
 * Each look is a wake-up of its own: every 10 ms, as prom-client has it, they are half a percent of a processor in a
 * program that is idle. A lag that is measured includes the time between two looks.
 */
const LOOK_AT_EVENT_LOOP_MS = 100;

/** The metrics of one program, in prom-client. */
export class PromMetrics extends Metrics {
  readonly #registry = new prom.Registry();

  /** With those of the process: event loop, garbage collection, memory. For real programs: it watches the process until its end. */
  static ofProcess(): PromMetrics {
    const metrics = new PromMetrics();
    prom.collectDefaultMetrics({ register: metrics.#registry, eventLoopMonitoringPrecision: LOOK_AT_EVENT_LOOP_MS });
    for (const name of MISNAMED) metrics.#registry.removeSingleMetric(name);
    return metrics;
  }

  override counter(spec: MetricSpec): Counter {
    const counter = this.#once(spec.name, () => new prom.Counter(this.#config(spec)));
    return { add: (labels: Labels = {}, by = 1) => counter.inc(labels, by) };
  }

  override histogram(spec: HistogramSpec): Histogram {
    const make = () => new prom.Histogram({ ...this.#config(spec), buckets: [...spec.buckets] });
    const histogram = this.#once(spec.name, make);
    return { observe: (value, labels: Labels = {}) => histogram.observe(labels, value) };
  }

  override gauge(spec: MetricSpec, read: () => readonly GaugeValue[] | Promise<readonly GaugeValue[]>): void {
    this.#once(spec.name, () => {
      const collect = async function (this: prom.Gauge): Promise<void> {
        const values = await valuesOf(read);
        this.reset();
        // Without labels a reset leaves a zero: what is not known is not nothing.
        if (!spec.labels?.length) this.remove();
        for (const [value, labels = {}] of values) this.set(labels, value);
      };
      return new prom.Gauge({ ...this.#config(spec), collect });
    });
  }

  override async render(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #config({ name, help, labels = [] }: MetricSpec) {
    return { name, help, labelNames: [...labels], registers: [this.#registry] };
  }

  #once<M extends prom.Metric>(name: string, make: () => M): M {
    return (this.#registry.getSingleMetric(name) as M | undefined) ?? make();
  }
}

/** One gauge that cannot be read must not take all the others away. */
async function valuesOf(read: () => readonly GaugeValue[] | Promise<readonly GaugeValue[]>) {
  try {
    return await read();
  } catch {
    return [];
  }
}

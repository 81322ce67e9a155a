/** Values of labels by their names. Every value comes from a bounded set: routes as templates, states, transports. */
export type Labels = Readonly<Record<string, string>>;

export interface MetricSpec {
  /** With the prefix `scriptmesh_` and the base unit, as in `scriptmesh_sweep_duration_seconds`; counters end with `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface HistogramSpec extends MetricSpec {
  /** Upper bounds in the metric's unit, rising. */
  readonly buckets: readonly number[];
}

export interface Counter {
  add(labels?: Labels, by?: number): void;
}
export interface Histogram {
  observe(value: number, labels?: Labels): void;
}
/** One value of a gauge with its labels. */
export type GaugeValue = readonly [value: number, labels?: Labels];

/**
 * What the program tells of itself. A name stands for one instrument: asked for again it is the same one.
 * Counting costs well under a microsecond and never throws; gauges are read when somebody looks.
 */
export abstract class Metrics {
  abstract counter(spec: MetricSpec): Counter;
  abstract histogram(spec: HistogramSpec): Histogram;
  /** @param read called at each look; when it throws, the gauge is left out of that look */
  abstract gauge(spec: MetricSpec, read: () => readonly GaugeValue[] | Promise<readonly GaugeValue[]>): void;
  /** All of it in Prometheus' text format. */
  abstract render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Upper bounds for what takes from a millisecond to half a minute. */
export const SHORT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Upper bounds for what takes from a hundredth of a second to a day. */
export const LONG_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];

/** What programs tell of themselves: a port and its adapter for Prometheus. */
export { KnownNames } from './known-names.js';
export {
  LONG_SECONDS,
  Metrics,
  SHORT_SECONDS,
  type Counter,
  type GaugeValue,
  type Histogram,
  type Labels,
} from './metrics.js';
export { PromMetrics } from './prom-metrics.js';

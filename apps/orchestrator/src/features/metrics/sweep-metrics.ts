import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { LONG_SECONDS, Metrics } from '@scriptmesh/metrics';
import { Clock } from '@scriptmesh/runtime';
import { SweepNews } from '../heartbeat/index.js';

/** Tells how the sweep goes. Before the first one its time is that of the start, so that one that never ends shows. */
@Injectable()
export class SweepMetrics {
  constructor(metrics: Metrics, sweeps: SweepNews, clock: Clock, settings: OrchestratorSettings) {
    let lastMs = clock.nowMs();
    const durations = metrics.histogram({
      name: 'scriptmesh_sweep_duration_seconds',
      help: 'Time that a sweep over all agents took.',
      buckets: LONG_SECONDS,
    });
    const polls = metrics.counter({
      name: 'scriptmesh_sweep_polls_total',
      help: 'Agents that a sweep has polled.',
      labels: ['result'],
    });
    metrics.gauge(
      { name: 'scriptmesh_sweep_last_completed_timestamp_seconds', help: 'When the last sweep came to its end.' },
      () => [[lastMs / 1000]],
    );
    metrics.gauge({ name: 'scriptmesh_sweep_interval_seconds', help: 'How often a sweep is due.' }, () => [
      [settings.heartbeatIntervalSeconds],
    ]);
    sweeps.onSwept(({ durationMs, polled, answered }) => {
      lastMs = clock.nowMs();
      durations.observe(durationMs / 1000);
      polls.add({ result: 'answered' }, answered);
      polls.add({ result: 'silent' }, polled - answered);
    });
  }
}

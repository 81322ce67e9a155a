import { Injectable } from '@nestjs/common';
import { KnownNames, LONG_SECONDS, Metrics } from '@scriptmesh/metrics';
import { ScriptStarter } from '../execution/index.js';
import { Journal, type EndRecord } from '../journal/index.js';

/** Counts runs as their ends come on record, and what scripts write. */
@Injectable()
export class RunMetrics {
  constructor(metrics: Metrics, journal: Journal, starter: ScriptStarter) {
    const scripts = new KnownNames();
    const finished = metrics.counter({
      name: 'scriptmesh_agent_runs_finished_total',
      help: 'Runs that came to their end. Scripts beyond 200 are "other".',
      labels: ['script', 'result'],
    });
    const durations = metrics.histogram({
      name: 'scriptmesh_agent_run_duration_seconds',
      help: 'Time from the start of a script to its end.',
      buckets: LONG_SECONDS,
    });
    const output = metrics.counter({
      name: 'scriptmesh_agent_output_bytes_total',
      help: 'Bytes that scripts have written and the agent keeps.',
      labels: ['stream'],
    });
    journal.onEnd((runId, end) => {
      const record = journal.find(runId);
      // Only what the manifest has gets an intent.
      if (record?.kind === 'intent') scripts.learn(record.script);
      const script = scripts.labelOf(record?.kind === 'intent' ? record.script : '');
      finished.add({ script, result: resultOf(end) });
      if (end.kind === 'exit') durations.observe(end.durationMs / 1000);
    });
    starter.onOutput((_runId, stream, length) => output.add({ stream }, length));
  }
}

function resultOf(end: EndRecord): string {
  if (end.kind === 'lost') return 'lost';
  if (end.kind === 'spawnFailed') return 'not_started';
  return end.killedBy ?? (end.code === 0 ? 'succeeded' : 'failed');
}

import { Injectable } from '@nestjs/common';
import { AgentSettings } from '@scriptmesh/config';
import { Metrics } from '@scriptmesh/metrics';
import { AGENT_VERSION } from '../../agent-version.js';
import { Slots } from '../execution/index.js';
import { SpoolSpace } from '../journal/index.js';
import { ManifestReader } from '../manifest/index.js';

/** What the node has room for, and what it allows. */
@Injectable()
export class NodeMetrics {
  constructor(metrics: Metrics, settings: AgentSettings, slots: Slots, space: SpoolSpace, manifest: ManifestReader) {
    metrics.gauge(
      { name: 'scriptmesh_build_info', help: 'Always 1; the labels say what runs.', labels: ['program', 'version'] },
      () => [[1, { program: 'agent', version: AGENT_VERSION }]],
    );
    metrics.gauge({ name: 'scriptmesh_agent_slots', help: 'Runs that may run at the same time.' }, () => [
      [settings.maxConcurrentRuns],
    ]);
    metrics.gauge({ name: 'scriptmesh_agent_free_slots', help: 'Runs that could be started now.' }, () => [
      [slots.free],
    ]);
    metrics.gauge(
      { name: 'scriptmesh_agent_spool_bytes', help: 'Output that the orchestrator does not have yet.' },
      async () => [[await space.spoolBytes()]],
    );
    metrics.gauge(
      { name: 'scriptmesh_agent_spool_limit_bytes', help: 'With more in the spool the agent is busy.' },
      () => [[settings.spoolMaxBytes]],
    );
    metrics.gauge({ name: 'scriptmesh_agent_disk_free_bytes', help: "Bytes free on the spool's disk." }, async () => {
      const free = await space.diskFree();
      return free === null ? [] : [[free]];
    });
    metrics.gauge(
      { name: 'scriptmesh_agent_manifest_scripts', help: 'Scripts of the manifest.', labels: ['result'] },
      async () => {
        const { scripts } = (await manifest.report()).report;
        const good = scripts.filter(({ problem }) => problem === null).length;
        return [
          [good, { result: 'runnable' }],
          [scripts.length - good, { result: 'refused' }],
        ];
      },
    );
  }
}

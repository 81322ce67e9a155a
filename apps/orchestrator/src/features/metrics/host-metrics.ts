import { stat, statfs } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { databaseFile, OrchestratorSettings } from '@scriptmesh/config';
import { Metrics } from '@scriptmesh/metrics';
import { readVersion } from '../../version.js';

/** The program's version, its limits, and the disk it stands on. */
@Injectable()
export class HostMetrics {
  constructor(metrics: Metrics, { home, databaseUrl, queueMaxRuns }: OrchestratorSettings) {
    metrics.gauge(
      { name: 'scriptmesh_build_info', help: 'Always 1; the labels say what runs.', labels: ['program', 'version'] },
      () => [[1, { program: 'orchestrator', version: readVersion() }]],
    );
    metrics.gauge({ name: 'scriptmesh_queue_limit_runs', help: 'Runs that may wait over all agents.' }, () => [
      [queueMaxRuns],
    ]);
    metrics.gauge(
      { name: 'scriptmesh_disk_free_bytes', help: 'Bytes free on the disk of the home folder.' },
      async () => {
        const { bavail, bsize } = await statfs(home);
        return [[bavail * bsize]];
      },
    );
    if (databaseUrl !== null) return;
    metrics.gauge(
      { name: 'scriptmesh_store_size_bytes', help: 'Size of the SQLite file and of its journal.' },
      async () => {
        const file = databaseFile(home);
        const sizes = await Promise.all(
          [file, `${file}-wal`].map((path) =>
            stat(path).then(
              ({ size }) => size,
              () => 0,
            ),
          ),
        );
        return [[sizes.reduce((sum, size) => sum + size, 0)]];
      },
    );
  }
}

import { Injectable } from '@nestjs/common';
import type { FromAgentHeader, Of } from '@scriptmesh/contracts';
import { Database } from '@scriptmesh/database';
import { Logger } from '@scriptmesh/logging';
import type { Incoming } from '../links/index.js';
import type { Agent } from '../registry/index.js';
import { parseManifestReport } from './domain/manifest-report.js';

const MOST_BYTES = 1024 * 1024;

/** Keeps what agents tell of their manifests, for the catalogue. The agent alone decides by its own copy. */
@Injectable()
export class ManifestIntake {
  constructor(
    private readonly db: Database,
    private readonly log: Logger,
  ) {}

  keep(agent: Agent, { header, bytes }: Incoming<Of<FromAgentHeader, 'manifest'>>): Promise<void> {
    return this.keepBytes(agent, header.manifestSha, bytes);
  }

  /** @param bytes a report, or the manifest of a 0.2 agent as it is: JSON with `scripts` */
  async keepBytes(agent: Agent, manifestSha: string | null, bytes: Uint8Array): Promise<void> {
    const report = bytes.byteLength <= MOST_BYTES ? parseManifestReport(bytes) : undefined;
    if (!report) {
      this.log.warn('heartbeat.manifest-unusable', { agentId: agent.id, bytes: bytes.byteLength });
      return;
    }
    const values = { manifest_sha: manifestSha, manifest: JSON.stringify(report) };
    await this.db.write((trx) => trx.updateTable('agents').set(values).where('id', '=', agent.id).execute());
  }
}

import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LegacyAgentCalls } from '../legacy-calls/index.js';
import { AgentNotes, type Agent, type CheckResult } from '../registry/index.js';
import { ManifestIntake } from './manifest-intake.js';
import { NoteLiveness } from './note-liveness.js';

/** Polls agents of ScriptMesh 0.2: they say nothing of their own accord, so their manifest is fetched, too. */
@Injectable()
export class LegacyPolls {
  constructor(
    private readonly calls: LegacyAgentCalls,
    private readonly notes: AgentNotes,
    private readonly liveness: NoteLiveness,
    private readonly manifests: ManifestIntake,
  ) {}

  async poll(agent: Agent): Promise<CheckResult> {
    const answer = await this.calls.heartbeat(agent);
    if (answer.kind !== 'answered') return 'offline';
    if (answer.status !== 200) return `error ${answer.status}`;
    this.notes.heard(agent.id);
    this.liveness.heard(agent);
    await this.#fetchManifest(agent);
    return 'online';
  }

  async #fetchManifest(agent: Agent): Promise<void> {
    const answer = await this.calls.getScripts(agent);
    if (answer.kind !== 'answered' || answer.status !== 200) return;
    const manifestSha = createHash('sha256').update(answer.body).digest('hex');
    if (manifestSha !== agent.manifestSha) await this.manifests.keepBytes(agent, manifestSha, Buffer.from(answer.body));
  }
}

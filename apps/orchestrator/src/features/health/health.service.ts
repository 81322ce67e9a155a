import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { isMeshError, type Liveness, MeshError, type RunState } from '@scriptmesh/contracts';
import type { StatusDto } from '@scriptmesh/contracts/dto';
import { Database } from '@scriptmesh/database';
import { Clock } from '@scriptmesh/runtime';
import { AgentLiveness } from '../heartbeat/index.js';
import { AgentDirectory } from '../registry/index.js';
import { readVersion } from '../../version.js';

@Injectable()
export class HealthService implements BeforeApplicationShutdown {
  readonly #startedAtMs: number;
  #stopping = false;

  constructor(
    clock: Clock,
    private readonly db: Database,
    private readonly agents: AgentDirectory,
    private readonly liveness: AgentLiveness,
  ) {
    this.#startedAtMs = clock.nowMs();
  }

  beforeApplicationShutdown(): void {
    this.#stopping = true;
  }

  /** @throws MeshError orchestrator/stopping, store/unavailable */
  async checkReady(): Promise<{ status: string }> {
    if (this.#stopping)
      throw new MeshError('orchestrator/stopping', 'the orchestrator is stopping', { retryAfterSeconds: 5 });
    try {
      await this.db.read.selectFrom('meta').select('key').limit(1).execute();
      await this.db.readStoreSeq();
    } catch (cause) {
      if (isMeshError(cause)) throw cause;
      throw new MeshError('store/unavailable', 'the store does not answer', { cause, retryAfterSeconds: 5 });
    }
    return { status: 'ok' };
  }

  async getStatus(): Promise<StatusDto> {
    const agents: Record<Liveness, number> = { online: 0, suspect: 0, offline: 0, unknown: 0 };
    for (const agent of await this.agents.listAgents()) agents[this.liveness.livenessOf(agent)] += 1;
    const rows = await this.db.read
      .selectFrom('runs')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
      .groupBy('state')
      .execute();
    const runs = Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)])) as Partial<
      Record<RunState, number>
    >;
    return { version: readVersion(), startedAt: new Date(this.#startedAtMs).toISOString(), agents, runs };
  }
}

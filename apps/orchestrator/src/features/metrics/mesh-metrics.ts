import { Injectable } from '@nestjs/common';
import { LIVE_STATES, LIVENESS, type Liveness } from '@scriptmesh/contracts';
import { Database, isLiveRun } from '@scriptmesh/database';
import { Metrics, type GaugeValue } from '@scriptmesh/metrics';
import { Clock } from '@scriptmesh/runtime';
import { AgentLiveness } from '../heartbeat/index.js';
import { AgentDirectory } from '../registry/index.js';

const AGENTS_ON_A_PAGE = 200;

/** The mesh as the store has it, read when somebody looks: live runs by their index, agents page by page. */
@Injectable()
export class MeshMetrics {
  constructor(
    metrics: Metrics,
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly agents: AgentDirectory,
    private readonly liveness: AgentLiveness,
  ) {
    metrics.gauge({ name: 'scriptmesh_runs', help: 'Runs that have not ended.', labels: ['state'] }, () =>
      this.#runs(),
    );
    metrics.gauge(
      { name: 'scriptmesh_queue_oldest_age_seconds', help: 'Age of the oldest run that waits; 0 when none does.' },
      () => this.#oldest(),
    );
    metrics.gauge({ name: 'scriptmesh_agents', help: 'Agents by liveness.', labels: ['liveness'] }, () =>
      this.#agents(),
    );
  }

  async #runs(): Promise<readonly GaugeValue[]> {
    const rows = await this.db.read
      .selectFrom('runs')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
      .where(isLiveRun)
      .groupBy('state')
      .execute();
    const counts = new Map(rows.map(({ state, count }) => [state, Number(count)]));
    return LIVE_STATES.map((state) => [counts.get(state) ?? 0, { state }]);
  }

  async #oldest(): Promise<readonly GaugeValue[]> {
    const row = await this.db.read
      .selectFrom('runs')
      .select(({ fn }) => fn.min('created_at').as('oldest'))
      .where(isLiveRun)
      .where('state', '=', 'queued')
      .executeTakeFirst();
    const oldest = row?.oldest ?? null;
    return [[oldest === null ? 0 : Math.max(0, this.clock.nowMs() - Number(oldest)) / 1000]];
  }

  async #agents(): Promise<readonly GaugeValue[]> {
    const counts = new Map<Liveness, number>();
    for (let after: string | null | undefined = null; after !== undefined;) {
      const page = await this.agents.listPage(AGENTS_ON_A_PAGE, after);
      for (const agent of page) {
        const liveness = this.liveness.livenessOf(agent);
        counts.set(liveness, (counts.get(liveness) ?? 0) + 1);
      }
      after = page.length < AGENTS_ON_A_PAGE ? undefined : page.at(-1)?.name;
    }
    return LIVENESS.map((liveness) => [counts.get(liveness) ?? 0, { liveness }]);
  }
}

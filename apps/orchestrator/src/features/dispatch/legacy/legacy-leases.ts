import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SYSTEM_PRINCIPAL, type RunId } from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import { Clock, type Timer } from '@scriptmesh/runtime';
import { isWithoutJournal, loseRun, patchRun, RunsStore, RunWriter, unmoved } from '../../runs/index.js';
import { LegacyFlights } from './legacy-flights.js';

const LEASE_MS = 90_000;
const RENEW_EVERY_MS = 30_000;

const GONE = 'the orchestrator that waited for the answer of the 0.2 agent is gone';
const RESTORED = 'the database was restored from a backup, and the agent had no journal that could be asked';

export const leaseEndMs = (nowMs: number): number => nowMs + LEASE_MS;

@Injectable()
export class LeaseSurroundings {
  constructor(
    readonly clock: Clock,
    readonly log: Logger,
  ) {}
}

/**
 * Whoever waits for the answer of a 0.2 agent says so on the run's row every 30 s. A run whose lease is over has nobody
 * who could hear the answer any more (its orchestrator was killed), so it is lost, unknown; by any instance.
 */
@Injectable()
export class LegacyLeases implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: Timer | undefined;
  #stopped = false;
  #working: Promise<void> | undefined;

  constructor(
    private readonly flights: LegacyFlights,
    private readonly store: RunsStore,
    private readonly writer: RunWriter,
    private readonly surroundings: LeaseSurroundings,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = this.surroundings.clock.after(RENEW_EVERY_MS, () => {
      this.#working = this.sweep().finally(() => {
        if (!this.#stopped) this.onApplicationBootstrap();
      });
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.#timer?.stop();
    await this.#working;
  }

  /** Never throws. */
  async sweep(): Promise<void> {
    try {
      const nowMs = this.surroundings.clock.nowMs();
      const ours = this.flights.runIds;
      await this.#renew(ours, nowMs);
      await this.#loseOrphans(new Set(ours), nowMs);
    } catch (error) {
      this.surroundings.log.error('dispatch.legacy-leases-failed', { error });
    }
  }

  async #renew(ids: readonly RunId[], nowMs: number): Promise<void> {
    if (ids.length === 0) return;
    await this.writer.write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read(ids);
      for (const id of ids) {
        const run = runs.find(id);
        if (run && isWithoutJournal(run)) runs.apply(patchRun(unmoved(run), { nextOfferAtMs: leaseEndMs(nowMs) }));
      }
    });
  }

  async #loseOrphans(ours: ReadonlySet<RunId>, nowMs: number): Promise<void> {
    const orphans = (await this.store.listLive(null)).filter(
      (run) => isWithoutJournal(run) && !ours.has(run.id) && (run.nextOfferAtMs ?? 0) <= nowMs,
    );
    if (orphans.length === 0) return;
    await this.writer.write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read(orphans.map(({ id }) => id));
      for (const { id } of orphans) {
        const run = runs.find(id);
        if (!run || !isWithoutJournal(run) || (run.nextOfferAtMs ?? 0) > nowMs) continue;
        const [why, cause] = run.restored ? ([RESTORED, 'restored'] as const) : ([GONE, 'legacy-orphaned'] as const);
        runs.apply(loseRun(unmoved(run), nowMs, why, cause));
      }
    });
  }
}

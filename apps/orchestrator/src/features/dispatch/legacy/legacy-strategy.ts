import { Injectable } from '@nestjs/common';
import { SYSTEM_PRINCIPAL, type AgentId } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import type { Agent } from '../../registry/index.js';
import { claimRun, patchRun, RunsStore, RunWriter, unmoved, type Run } from '../../runs/index.js';
import { DispatchStrategy } from '../dispatch-strategy.js';
import { LegacyDoors } from './legacy-doors.js';
import { LegacyFlights } from './legacy-flights.js';
import { leaseEndMs } from './legacy-leases.js';

/** A 0.2 agent has no slots and no busy answer; this is what we do not ask more of at a time. */
const MOST_AT_ONCE = 16;
const LOOK_AT = 64;

/**
 * Agents of ScriptMesh 0.2: one call that lasts as long as the script. They have no journal, so nothing is ever sent
 * again unless it is proved that nothing arrived, and a connection that breaks leaves the run lost, unknown.
 */
@Injectable()
export class LegacyStrategy extends DispatchStrategy {
  constructor(
    private readonly store: RunsStore,
    private readonly writer: RunWriter,
    private readonly flights: LegacyFlights,
    private readonly doors: LegacyDoors,
    private readonly clock: Clock,
  ) {
    super();
  }

  override canSend({ url }: Agent): boolean {
    return url !== null;
  }

  override async claimNext(agent: Agent): Promise<readonly Run[]> {
    const room = MOST_AT_ONCE - this.flights.count(agent.id);
    if (room <= 0 || this.doors.shutForMs(agent.id) > 0) return [];
    const nowMs = this.clock.nowMs();
    const offerable = await this.store.listOfferable(agent.id, nowMs, LOOK_AT, []);
    const ids = offerable.filter(({ state }) => state === 'queued').slice(0, room);
    return ids.length === 0 ? [] : this.#claim(agent.id, ids, nowMs);
  }

  override async send(agent: Agent, runs: readonly Run[]): Promise<boolean> {
    const left = await Promise.all(runs.map((run) => this.flights.begin(agent, run)));
    return left.every(Boolean);
  }

  /** Nothing is repeated; what was turned away is sent again when the door may be knocked at. */
  override findNextRepeat({ id }: Agent, nowMs: number): Promise<number | null> {
    const waitMs = this.doors.shutForMs(id);
    return Promise.resolve(waitMs > 0 ? nowMs + waitMs : null);
  }

  #claim(agent: AgentId, wanted: readonly Run[], nowMs: number): Promise<readonly Run[]> {
    return this.writer.write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read(wanted.map(({ id }) => id));
      const claimed: Run[] = [];
      for (const { id } of wanted) {
        const run = runs.find(id);
        if (run?.state !== 'queued' || run.agentId !== agent || run.cancelRequested) continue;
        const taken = patchRun(claimRun(unmoved(run), null, nowMs), { nextOfferAtMs: leaseEndMs(nowMs) });
        runs.apply(taken);
        claimed.push(taken.run);
      }
      return claimed;
    });
  }
}

import { Injectable } from '@nestjs/common';
import { isFinalState, SYSTEM_PRINCIPAL, type RunId } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import { Clock } from '@scriptmesh/runtime';
import type { Agent } from '../registry/index.js';
import { claimRun, RunsStore, RunWriter, unclaimRun, unmoved, type Run } from '../runs/index.js';
import { AgentSlots } from './agent-slots.js';

const MOST_AT_ONCE = 64;
/** Of parameters: a list of frames holds 8 MiB, and one that is too long is never sent. */
const MOST_PARAM_BYTES = 4 * 1024 * 1024;

/** Takes runs for a send, durably before bytes leave, and gives back those of which nothing arrived. */
@Injectable()
export class Claims {
  constructor(
    private readonly store: RunsStore,
    private readonly writer: RunWriter,
    private readonly slots: AgentSlots,
    private readonly clock: Clock,
  ) {}

  /** The next runs for an agent, oldest first, as many as it has slots for, already written as sent. */
  async claimNext(agent: Agent): Promise<readonly Run[]> {
    const { journalId } = agent;
    if (journalId === null || this.slots.isBusy(agent.id)) return [];
    const nowMs = this.clock.nowMs();
    const offerable = await this.store.listOfferable(agent.id, nowMs, MOST_AT_ONCE, this.slots.heldScripts(agent.id));
    this.slots.setBacklog(agent.id, offerable.length > 0);
    // A run that was offered to another journal is never offered again: reconcile settles it. A repeated offer has its slot.
    const repeated = offerable.filter((run) => run.state === 'dispatched' && run.journalId === journalId);
    const fresh = offerable.filter(({ state }) => state === 'queued').slice(0, Math.max(0, this.slots.free(agent.id)));
    const wanted = withinBytes([...repeated, ...fresh]);
    if (wanted.length === 0) return [];
    failpoint('dispatch.before-claim');
    const claimed = await this.writer.write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read(wanted.map(({ id }) => id));
      const claimed: Run[] = [];
      for (const { id } of wanted) {
        const run = runs.find(id);
        if (!run || !isStillOfferable(run, nowMs)) continue;
        const taken = claimRun(unmoved(run), journalId, nowMs);
        runs.apply(taken);
        claimed.push(taken.run);
        if (run.state === 'queued') runs.afterwards.push(() => this.slots.take(agent.id));
      }
      failpoint('store.dispatch-before-commit');
      return claimed;
    });
    failpoint('store.dispatch-committed');
    return claimed;
  }

  /** Proof that nothing of one send arrived. */
  async giveBack(ids: readonly RunId[]): Promise<void> {
    const nowMs = this.clock.nowMs();
    await this.writer.write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read(ids);
      for (const id of ids) {
        const run = runs.find(id);
        if (!run || isFinalState(run.state)) continue;
        const lowered = unclaimRun(unmoved(run), nowMs);
        runs.apply(lowered);
        if (lowered.run.state === 'queued') runs.afterwards.push(() => this.slots.giveBack(run.agentId));
      }
    });
  }
}

/** As many from the front as one list can hold. */
function withinBytes(runs: readonly Run[]): readonly Run[] {
  let bytes = 0;
  const past = runs.findIndex(({ params }) => (bytes += Buffer.byteLength(JSON.stringify(params))) > MOST_PARAM_BYTES);
  return past === -1 ? runs : runs.slice(0, past);
}

const isStillOfferable = ({ state, deliverByMs, cancelRequested, restored }: Run, nowMs: number): boolean =>
  (state === 'queued' || state === 'dispatched') && deliverByMs > nowMs && !cancelRequested && !restored;

import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { MeshError, type PrincipalId, type RunId } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import { noteInLogContext } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import type { Agent } from '../registry/index.js';
import { DispatchGate } from './dispatch-gate.js';
import { claimRun } from './domain/claim.js';
import { unmoved } from './domain/run-progress.js';
import type { Run } from './domain/run.js';
import { IdempotencyStore, type KnownRequest } from './idempotency.store.js';
import type { OnceKey } from './once-key.js';
import { RunWriter } from './run-writer.js';
import { RunsStore } from './runs.store.js';

export interface Accepted {
  readonly run: Run;
  /** The run was made by the same request before. */
  readonly isReplayed: boolean;
}

/** Writes new runs, each once for its idempotency key, and lets them leave. */
@Injectable()
export class RunBirth {
  constructor(
    private readonly writer: RunWriter,
    private readonly gate: DispatchGate,
    private readonly keys: IdempotencyStore,
    private readonly store: RunsStore,
    private readonly clock: Clock,
  ) {}

  /**
   * The run that the same request has made before; undefined when it has made none. It is looked for before anything
   * else is checked: the answer stays the same when the agent is gone or the queue full by now.
   * @throws MeshError request/key-reused
   */
  async findEarlier({ key, requestSha }: OnceKey, by: PrincipalId): Promise<Run | undefined> {
    const known = await this.keys.find(by, key, this.clock.nowMs());
    return known && this.#getKnown(known, requestSha);
  }

  /** Writes a queued run, dispatched when it may leave at once. @throws MeshError request/key-reused */
  async bear(queued: Run, agent: Agent, by: Principal, once?: OnceKey): Promise<Accepted> {
    const journalId = this.gate.takeSlot(agent, queued.script);
    const progress = unmoved(queued);
    const born = journalId === undefined ? progress : claimRun(progress, journalId, this.clock.nowMs());
    const giveBack = (): void => {
      if (journalId !== undefined) this.gate.giveBack(agent);
    };
    let earlier: KnownRequest | undefined;
    try {
      earlier = await this.writer.write(by.id, async (runs) => {
        const known = once && (await this.keys.claim(runs.trx, claimOf(born.run, by.id, once)));
        if (!known) runs.insert(born);
        return known;
      });
      failpoint('store.run-committed');
    } catch (error) {
      giveBack();
      throw error;
    }
    if (earlier && once) {
      giveBack();
      return { run: await this.#getKnown(earlier, once.requestSha), isReplayed: true };
    }
    noteInLogContext({ runId: born.run.id });
    this.gate.launch(born.run, agent);
    return { run: born.run, isReplayed: false };
  }

  async #getKnown({ requestSha, runId }: KnownRequest, asked: string): Promise<Run> {
    if (requestSha !== asked) {
      throw new MeshError('request/key-reused', 'this idempotency key was sent with another request before', {
        facts: { runId },
      });
    }
    const run = await this.store.find(runId);
    if (!run) throw new MeshError('run/not-found', `the run ${runId} that this request has made is not kept any more`);
    noteInLogContext({ runId });
    return run;
  }
}

const claimOf = (run: Run, principal: PrincipalId, { key, requestSha }: OnceKey) => ({
  principal,
  key,
  requestSha,
  runId: run.id satisfies RunId,
  atMs: run.createdAtMs,
});

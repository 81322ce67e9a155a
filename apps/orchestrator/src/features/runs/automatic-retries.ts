import { Injectable } from '@nestjs/common';
import type { RunId } from '@scriptmesh/contracts';
import type { Writer } from '@scriptmesh/database';
import { Clock, Ids } from '@scriptmesh/runtime';
import { ScriptCatalogue } from '../catalogue/index.js';
import { hasRetryLeft, isSafeToRepeat, nextAttempt } from './domain/automatic-retry.js';
import type { Run } from './domain/run.js';

/** Decides, in the transaction that ends a run, whether it is tried again. */
@Injectable()
export class AutomaticRetries {
  constructor(
    private readonly catalogue: ScriptCatalogue,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** The run to be written beside the end of `run`; undefined when that is the end of it. */
  async findNext(trx: Writer, run: Run): Promise<Run | undefined> {
    if (!hasRetryLeft(run)) return undefined;
    const isIdempotent = await this.catalogue.isIdempotent(trx, run.agentId, run.script);
    if (!isSafeToRepeat(run, isIdempotent)) return undefined;
    return nextAttempt(run, this.ids.uuid() as RunId, this.clock.nowMs());
  }
}

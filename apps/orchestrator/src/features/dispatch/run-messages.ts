import { Injectable } from '@nestjs/common';
import type { AskedWhile } from '@scriptmesh/contracts';
import { ReceiptMaker } from '@scriptmesh/crypto';
import type { Outgoing } from '../links/index.js';
import type { Run } from '../runs/index.js';

/** The messages about a run that go to its agent. Each carries the journal that the run was offered to. */
@Injectable()
export class RunMessages {
  constructor(private readonly receipts: ReceiptMaker) {}

  offer(run: Run): Outgoing {
    const { script, params, deliverByMs, timeoutMs } = run;
    return { kind: 'offer', ...this.#about(run), script, params, deliverBy: deliverByMs, timeoutMs };
  }

  cancel(run: Run): Outgoing {
    return { kind: 'cancel', ...this.#about(run), why: run.cancelRequested ? 'cancelled' : 'expired' };
  }

  ask(run: Run): Outgoing {
    return { kind: 'ask', ...this.#about(run), askedWhile: run.state as AskedWhile };
  }

  #about({ id, agentId, journalId }: Run) {
    return { runId: id, receipt: this.receipts.make(id, agentId), journalId };
  }
}

import { Injectable } from '@nestjs/common';
import type { AskedWhile, RunId } from '@scriptmesh/contracts';
import { ReceiptMaker } from '@scriptmesh/crypto';
import type { Outgoing } from '../links/index.js';
import type { Run } from '../runs/index.js';

/** Has the form of a receipt and is none. */
const NO_RECEIPT = 'A'.repeat(43);

/** The messages about a run that go to its agent. Each carries the journal that the run was offered to. */
@Injectable()
export class RunMessages {
  constructor(private readonly receipts: ReceiptMaker) {}

  offer(run: Run): Outgoing {
    const { script, params, deliverByMs, timeoutMs, traceparent } = run;
    const trace = traceparent === null ? {} : { traceparent };
    return { kind: 'offer', ...this.#about(run), script, params, deliverBy: deliverByMs, timeoutMs, ...trace };
  }

  cancel(run: Run): Outgoing {
    return { kind: 'cancel', ...this.#about(run), why: run.cancelRequested ? 'cancelled' : 'expired' };
  }

  ask(run: Run): Outgoing {
    return { kind: 'ask', ...this.#about(run), askedWhile: run.state as AskedWhile };
  }

  /** About a run that the store does not have. A receipt of ours would prove the agent's claim on it, so it gets none. */
  askUnknown(runId: RunId): Outgoing {
    return { kind: 'ask', runId, receipt: NO_RECEIPT, askedWhile: 'unknown' };
  }

  #about({ id, agentId, journalId }: Run) {
    return { runId: id, receipt: this.receipts.make(id, agentId), journalId };
  }
}

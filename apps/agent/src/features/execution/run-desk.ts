import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { failpoint } from '@scriptmesh/failpoints';
import type { EndRecord } from '../journal/index.js';
import { OrchestratorMail } from '../link/index.js';
import { AcceptedRuns } from './accepted-runs.js';
import { RunLanes } from './domain/run-lanes.js';
import { LocalRuns } from './local/local-runs.js';
import { AgentParts } from './offer/agent-parts.js';
import { receiveOffer } from './offer/receive-offer.js';
import { receiveAsk } from './receive-ask.js';
import { receiveCancel } from './receive-cancel.js';

/** For the trace: what went wrong with a run. */
function faultOf(end: EndRecord): string | undefined {
  if (end.kind !== 'exit') return end.kind;
  return end.code === 0 ? undefined : (end.killedBy ?? end.signal ?? `exit code ${end.code}`);
}

/** Where offers, cancels and asks arrive and ends are noted. */
@Injectable()
export class RunDesk implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #lanes = new RunLanes();

  constructor(
    private readonly mail: OrchestratorMail,
    private readonly parts: AgentParts,
    private readonly localRuns: LocalRuns,
    private readonly acceptedRuns: AcceptedRuns,
  ) {}

  onApplicationBootstrap(): void {
    const { mail, parts } = this;
    const lanes = this.#lanes;
    mail.handle('offer', (header) =>
      lanes.inTurn(header.runId, async () => {
        const isNew = parts.journal.find(header.runId) === undefined;
        const answers = await receiveOffer(header, parts);
        return isNew ? this.acceptedRuns.handOver(answers) : answers;
      }),
    );
    mail.handle('cancel', (header) => lanes.inTurn(header.runId, () => receiveCancel(header, parts)));
    mail.handle('ask', (header) => lanes.inTurn(header.runId, () => receiveAsk(header, parts)));
    parts.starter.onEnd((runId, end) => {
      failpoint('execution.end-heard');
      parts.journal.noteEnd(runId, end);
    });
    parts.starter.onOutOfSight((runId) => parts.leftRuns.lookInto(runId));
    parts.journal.onEnd((runId, end) => {
      parts.slots.release(runId);
      parts.spans.end(runId, faultOf(end));
      parts.log.info('run.ended', { runId, kind: end.kind });
    });
    for (const { runId, script, end } of parts.journal.open()) if (!end) parts.slots.occupy(runId, script);
    this.localRuns.begin();
    parts.starter.begin();
    parts.leftRuns.lookIntoAll();
  }

  /**
   * Takes no new run and leaves those that run to the supervisor; their ends are shipped after the next start. What was
   * accepted is handed over first: an intent without a start would make its run lost.
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.parts.slots.close();
    this.parts.leftRuns.close();
    await Promise.all([this.#lanes.rest(), this.localRuns.rest()]);
    await this.parts.starter.close();
  }
}

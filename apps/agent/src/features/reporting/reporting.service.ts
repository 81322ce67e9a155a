import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { RunId } from '@scriptmesh/contracts';
import { ScriptStarter } from '../execution/index.js';
import { Journal } from '../journal/index.js';
import { OrchestratorMail, WelcomeGate } from '../link/index.js';
import { Shipper } from './shipper.js';

/** Listens for all that makes the shipper look again. */
@Injectable()
export class ReportingService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly shipper: Shipper,
    private readonly mail: OrchestratorMail,
    private readonly gate: WelcomeGate,
    private readonly starter: ScriptStarter,
    private readonly journal: Journal,
  ) {}

  onApplicationBootstrap(): void {
    const { shipper } = this;
    this.starter.onOutput((runId, stream, length) => {
      if (this.#isLocal(runId)) return;
      shipper.shipmentOf(runId).known[stream] = length;
      shipper.wake();
    });
    this.journal.onEnd((runId) => {
      if (this.#isLocal(runId)) return;
      shipper.shipmentOf(runId).stopGathering();
      shipper.wake();
    });
    this.mail.handle('ackOutput', async (header) => shipper.noteOutputAck(header).then(() => []));
    this.mail.handle('ackResult', async (header) => shipper.noteResultAck(header).then(() => []));
    this.mail.onTurn(() => shipper.takeWaiting());
    this.mail.onPresence((isPresent) => isPresent && shipper.wakeNow());
    this.gate.onOpen(() => shipper.wakeNow());
  }

  /** What was asked for on the node itself is nobody else's. */
  #isLocal(runId: RunId): boolean {
    const record = this.journal.find(runId);
    return record?.kind === 'intent' && record.origin === 'local';
  }

  beforeApplicationShutdown(): void {
    this.shipper.stop();
  }
}

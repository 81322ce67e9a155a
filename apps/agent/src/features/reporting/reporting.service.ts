import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
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
      shipper.shipmentOf(runId).known[stream] = length;
      shipper.wake();
    });
    this.journal.onEnd((runId) => {
      shipper.shipmentOf(runId).stopGathering();
      shipper.wake();
    });
    this.mail.handle('ackOutput', async (header) => shipper.noteOutputAck(header).then(() => []));
    this.mail.handle('ackResult', async (header) => shipper.noteResultAck(header).then(() => []));
    this.mail.onTurn(() => shipper.takeWaiting());
    this.mail.onPresence((isPresent) => isPresent && shipper.wakeNow());
    this.gate.onOpen(() => shipper.wakeNow());
  }

  beforeApplicationShutdown(): void {
    this.shipper.stop();
  }
}

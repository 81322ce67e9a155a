import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { OrchestratorMail, WelcomeGate } from '../link/index.js';
import { RunNews } from './run-news.js';
import { Shipper } from './shipper.js';

/** Listens for all that makes the shipper look again. */
@Injectable()
export class ReportingService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly shipper: Shipper,
    private readonly mail: OrchestratorMail,
    private readonly gate: WelcomeGate,
    private readonly news: RunNews,
  ) {}

  onApplicationBootstrap(): void {
    const { shipper } = this;
    this.news.listen({
      accepted: (runId) => shipper.noteAccepted(runId),
      output: (runId, stream, length) => shipper.noteOutput(runId, stream, length),
      ended: (runId) => {
        shipper.shipmentOf(runId).stopGathering();
        shipper.wake();
      },
    });
    this.mail.handle('ackOutput', async (header) => shipper.noteOutputAck(header).then(() => []));
    // One that could not be settled is sent again, and acknowledged again.
    this.mail.takeNote('ackResult', (header) => shipper.noteResultAck(header));
    this.mail.onTurn(() => shipper.takeWaiting());
    this.mail.onPresence((isPresent) => isPresent && shipper.wakeNow());
    this.gate.onOpen(() => shipper.wakeNow());
  }

  beforeApplicationShutdown(): void {
    this.shipper.stop();
  }
}

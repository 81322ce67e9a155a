import type { Of, RunId, Stream, ToAgentHeader } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import type { Clock, Timer } from '@scriptmesh/runtime';
import type { IntentRecord, Journal } from '../journal/index.js';
import type { OrchestratorMail, Outgoing, WelcomeGate } from '../link/index.js';
import { Shipment } from './domain/shipment.js';
import type { RunParcel } from './run-parcel.js';

/** Bytes of output in one list of messages: all that is in memory at a time. */
const LIST_BYTES = 1024 * 1024;
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 30_000;

interface Load {
  readonly messages: readonly Outgoing[];
  readonly shipments: readonly Shipment[];
}

/**
 * Brings output and ends to the orchestrator until it says that it has them. One list is on its way at a time; what
 * the orchestrator fetches for itself is loaded in the same way.
 */
export class Shipper {
  readonly #shipments = new Map<RunId, Shipment>();
  #isSending = false;
  #isWoken = false;
  #isStopped = false;
  #failures = 0;
  #pausedUntilMs = 0;
  /** The earliest hold that kept a shipment out of the last load; Infinity when none did. */
  #heldBackUntilMs = Infinity;
  /** The run with which the last list was full: the next one begins behind it, so that nobody waits for those who pour. */
  #fullWith: RunId | null = null;
  #timer: Timer | undefined;

  constructor(
    private readonly mail: Pick<OrchestratorMail, 'send'>,
    private readonly gate: WelcomeGate,
    private readonly journal: Journal,
    private readonly parcel: RunParcel,
    private readonly clock: Clock,
  ) {}

  shipmentOf(runId: RunId): Shipment {
    const shipment = this.#shipments.get(runId) ?? new Shipment();
    this.#shipments.set(runId, shipment);
    return shipment;
  }

  /** It leaves with the first output or the end of the run, if one of them is there in time. */
  noteAccepted(runId: RunId): void {
    this.shipmentOf(runId).open(this.clock.monotonicMs());
    if (!this.#isSending) this.#setTimer();
  }

  /** The file of a stream holds so many bytes. */
  noteOutput(runId: RunId, stream: Stream, length: number): void {
    this.shipmentOf(runId).grow(stream, length, this.clock.monotonicMs());
    this.wake();
  }

  /** There may be something to send. Any number of calls while a list is on its way are one. */
  wake(): void {
    this.#isWoken = true;
    if (!this.#isSending) void this.#sendAll();
  }

  /** The orchestrator is there (again): no need to wait any longer. */
  wakeNow(): void {
    this.#failures = 0;
    this.#pausedUntilMs = 0;
    this.wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.stop();
  }

  /** What waits, for an orchestrator that is listening anyway. */
  async takeWaiting(): Promise<readonly Outgoing[]> {
    const { messages } = await this.#load();
    this.#setTimer();
    return messages;
  }

  async noteOutputAck({ runId, stream, offset }: Of<ToAgentHeader, 'ackOutput'>): Promise<void> {
    const record = this.journal.find(runId);
    if (record?.kind !== 'intent') return;
    failpoint('reporting.output-acknowledged');
    const shipment = this.shipmentOf(runId);
    await this.parcel.measure(record, shipment);
    shipment.noteAck(stream, offset, this.clock.monotonicMs(), record.end !== null);
    this.wake();
  }

  /** Ignored without an end record: then the orchestrator speaks of a result that it cannot have. */
  async noteResultAck({ runId }: Of<ToAgentHeader, 'ackResult'>): Promise<void> {
    const record = this.journal.find(runId);
    if (record?.kind !== 'intent' || !record.end) return;
    failpoint('reporting.result-acknowledged');
    await this.journal.settle(runId);
    failpoint('reporting.settled');
    this.#shipments.delete(runId);
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    try {
      while (this.#isWoken && this.#maySend()) {
        this.#isWoken = false;
        await this.#sendOne();
      }
    } finally {
      this.#isSending = false;
      this.#setTimer();
    }
  }

  async #sendOne(): Promise<void> {
    const load = await this.#load();
    if (load.messages.length === 0) return;
    failpoint('reporting.before-send');
    const verdict = await this.mail.send(load.messages);
    failpoint('reporting.answered');
    if (verdict === 'sent') {
      this.#failures = 0;
      this.#isWoken = true;
      return;
    }
    // An orchestrator that can only fetch gets it with its next turn.
    for (const shipment of load.shipments) shipment.letGo();
    const pauseMs = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#pausedUntilMs = this.clock.monotonicMs() + pauseMs;
  }

  async #load(): Promise<Load> {
    const messages: Outgoing[] = [];
    const shipments: Shipment[] = [];
    if (!this.gate.isOpen || this.#isStopped) return { messages, shipments };
    let bytes = 0;
    this.#heldBackUntilMs = Infinity;
    for (const intent of this.#inTurn()) {
      if (intent.origin === 'local') continue;
      const shipment = this.shipmentOf(intent.runId);
      // Without a receipt the orchestrator would refuse the whole list: such a run is spoken of when it is asked for.
      if (intent.receipt === '') continue;
      if (shipment.holdUntilMs > this.clock.monotonicMs()) {
        this.#heldBackUntilMs = Math.min(this.#heldBackUntilMs, shipment.holdUntilMs);
        continue;
      }
      shipment.hold(this.clock.monotonicMs());
      const packed = await this.parcel.pack(intent, shipment);
      // An acceptance alone is not acknowledged: nothing is to be waited for.
      if (packed.every(({ message }) => message.kind === 'accepted')) shipment.letGo();
      else shipments.push(shipment);
      shipment.isEndSent = packed.some(({ message }) => message.kind !== 'chunk' && message.kind !== 'accepted');
      messages.push(...packed);
      bytes += packed.reduce((sum, outgoing) => sum + (outgoing.bytes?.length ?? 0), 0);
      if (bytes < LIST_BYTES && messages.length < 500) continue;
      this.#fullWith = intent.runId;
      break;
    }
    return { messages, shipments };
  }

  #inTurn(): readonly IntentRecord[] {
    const runs = this.journal.open();
    const next = runs.findIndex(({ runId }) => runId === this.#fullWith) + 1;
    this.#fullWith = null;
    return next === 0 ? runs : [...runs.slice(next), ...runs.slice(0, next)];
  }

  #maySend(): boolean {
    return this.gate.isOpen && !this.#isStopped && this.clock.monotonicMs() >= this.#pausedUntilMs;
  }

  /** At the end of the pause, or when the first shipment may be sent again. */
  #setTimer(): void {
    this.#timer?.stop();
    if (this.#isStopped || !this.gate.isOpen) return;
    const nowMs = this.clock.monotonicMs();
    const holds = this.journal.open().map(({ runId }) => this.#shipments.get(runId)?.holdUntilMs ?? 0);
    // What was held back or paused at the last look may be due by now: it must not be forgotten for that.
    const overdue = [this.#isWoken ? this.#pausedUntilMs : Infinity, this.#heldBackUntilMs];
    const coming = [this.#pausedUntilMs, ...holds].filter((atMs) => atMs > nowMs);
    const dueMs = Math.max(Math.min(...overdue, ...coming), this.#pausedUntilMs);
    if (Number.isFinite(dueMs)) this.#timer = this.clock.after(Math.max(1, dueMs - nowMs), () => this.wake());
  }
}

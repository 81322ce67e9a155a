import { STREAMS, type PerStream, type Stream } from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import { answerOfRecord, sayEnd, type ScriptStarter } from '../execution/index.js';
import type { IntentRecord, Journal } from '../journal/index.js';
import { say, type Outgoing } from '../link/index.js';
import type { Shipment } from './domain/shipment.js';
import type { OutputReader } from './output-reader.js';

/** Of one message; a frame over the limit of an orchestrator would never arrive. */
const CHUNK_BYTES = 512 * 1024;

interface Piece {
  readonly messages: readonly Outgoing[];
  /** All that the stream has is acknowledged or in `messages`. */
  readonly isAll: boolean;
  readonly isShort: boolean;
}

/** Makes the messages about one run: that it is accepted, what its streams have beyond the acknowledged, then the end when all of it is along. */
export class RunParcel {
  constructor(
    private readonly journal: Journal,
    private readonly starter: ScriptStarter,
    private readonly reader: OutputReader,
    private readonly log: Logger,
  ) {}

  /** Nothing when the files cannot be read just now. */
  async pack(intent: IntentRecord, shipment: Shipment): Promise<readonly Outgoing[]> {
    try {
      return await this.#pack(intent, shipment);
    } catch (error) {
      this.log.error('run.output-unreadable', { runId: intent.runId, error });
      return [];
    }
  }

  async #pack(intent: IntentRecord, shipment: Shipment): Promise<readonly Outgoing[]> {
    const { runId, receipt, end } = intent;
    await this.measure(intent, shipment);
    const pieces = await Promise.all(STREAMS.map((stream) => this.#cut(intent, shipment, stream)));
    const messages = [...acceptance(intent, shipment), ...pieces.flatMap((piece) => piece.messages)];
    if (!end || !pieces.every((piece) => piece.isAll)) return messages;
    const isOutputGone = pieces.some((piece) => piece.isShort);
    const folder = this.journal.folderOf(runId);
    return [...messages, await sayEnd({ runId, receipt }, end, { folder, isOutputGone })];
  }

  /** Learns how long the files are, where nobody tells of it. */
  async measure({ runId, end }: IntentRecord, shipment: Shipment): Promise<void> {
    if (!end && this.starter.isRunning(runId)) return;
    const lengths: PerStream<number> =
      end?.kind === 'exit' ? end.lengths : await this.reader.lengths(this.journal.folderOf(runId));
    Object.assign(shipment.known, lengths);
  }

  async #cut({ runId, receipt, end }: IntentRecord, shipment: Shipment, stream: Stream): Promise<Piece> {
    const offset = shipment.acked[stream];
    const waiting = shipment.known[stream] - offset;
    if (waiting <= 0) return { messages: [], isAll: true, isShort: false };
    const bytes = await this.reader.read(this.journal.folderOf(runId), stream, offset, Math.min(CHUNK_BYTES, waiting));
    // The file lacks bytes that are on record: they are gone, and the result says so.
    if (bytes.length === 0) return { messages: [], isAll: end !== null, isShort: true };
    const message = { kind: 'chunk', runId, receipt, stream, offset } as const;
    return { messages: [{ message, bytes }], isAll: bytes.length === waiting, isShort: false };
  }
}

/** An offer whose acceptance gets lost is repeated, and the record answers: it is told here once. */
function acceptance(intent: IntentRecord, shipment: Shipment): readonly Outgoing[] {
  if (!shipment.isAcceptanceDue) return [];
  shipment.isAcceptanceDue = false;
  return say(answerOfRecord({ ...intent, end: null }, intent.receipt));
}

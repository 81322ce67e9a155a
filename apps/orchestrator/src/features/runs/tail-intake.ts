import { STREAMS, type PerStream, type RunId, type Stream } from '@scriptmesh/contracts';
import type { Writer } from '@scriptmesh/database';
import type { Header, Judgement } from './domain/evidence.js';
import type { StreamCheck } from './domain/judge-output.js';
import { readTails, type OutputTail } from './domain/output-tail.js';
import { patchRun } from './domain/run-progress.js';
import type { Run } from './domain/run.js';
import { DroppedEnds } from './dropped-ends.js';
import type { RunsStore } from './runs.store.js';

interface EndOfRun {
  readonly ended: Judgement;
  readonly header: Header<'result'>;
  /** The tails of the streams. */
  readonly bytes: Uint8Array;
  readonly checks: PerStream<StreamCheck>;
}

/** Stores the last of the output that the agent or this program has dropped, with the end of its run. */
export class TailIntake {
  readonly #droppedEnds = new DroppedEnds();

  constructor(private readonly store: RunsStore) {}

  /** @param bytes those of the chunk, of which `kept` new ones are stored */
  noteDropped(before: Run, after: Run, { stream, offset }: Header<'chunk'>, bytes: Uint8Array, kept: number): void {
    const from = before.acked[stream] + kept;
    if (after.acked[stream] > from) this.#droppedEnds.note(after.id, stream, from, bytes.subarray(from - offset));
  }

  forget(id: RunId): void {
    this.#droppedEnds.forget(id);
  }

  /** Puts each tail at its true place behind the beginning that is kept, and never makes it a part of that. */
  async takeTails(trx: Writer, { ended, header, bytes, checks }: EndOfRun): Promise<Judgement> {
    const { id } = ended.run;
    const given = readTails(header, bytes);
    const tails: Partial<Record<Stream, OutputTail>> = {};
    let isWhole = true;
    for (const stream of STREAMS) {
      if (header.dropped[stream] > 0 || checks[stream] === 'capped') {
        const end = header.lengths[stream] + header.dropped[stream];
        const tail = await this.#store(trx, id, stream, end, given.bytes[stream]);
        if (tail) tails[stream] = tail;
      }
      isWhole &&= await this.#isWhole(trx, id, stream, header, checks[stream], tails[stream]);
    }
    if (Object.keys(tails).length === 0) return ended;
    const alarm = given.isBroken ? { alarm: 'the last bytes of the output do not match their checksum' } : {};
    return { ...alarm, ...ended, ...patchRun(ended, { tails, truncated: !isWhole }) };
  }

  /** undefined when more is stored than the agent speaks of: what it says of the rest is not believed either. */
  async #store(
    trx: Writer,
    id: RunId,
    stream: Stream,
    end: number,
    given: Uint8Array | undefined,
  ): Promise<OutputTail | undefined> {
    const bytes = given ?? this.#droppedEnds.find(id, stream, end);
    const offset = end - bytes.byteLength;
    const missing = offset - (await this.store.findOutputEnd(trx, id, stream));
    if (missing < 0) return undefined;
    if (bytes.byteLength > 0) await this.store.appendOutput(trx, id, stream, offset, bytes);
    return { offset, length: bytes.byteLength, missing };
  }

  /** What follows on a beginning that is right was compared with its own checksum; what we have cut ourselves was not. */
  async #isWhole(
    trx: Writer,
    id: RunId,
    stream: Stream,
    { sha256, dropped }: Header<'result'>,
    check: StreamCheck,
    tail: OutputTail | undefined,
  ): Promise<boolean> {
    if (tail === undefined) return check === 'complete' && dropped[stream] === 0;
    if (tail.missing > 0) return false;
    if (check !== 'capped') return check === 'complete';
    return dropped[stream] === 0 && (await this.store.digestOutput(trx, id, stream)) === sha256[stream];
  }
}

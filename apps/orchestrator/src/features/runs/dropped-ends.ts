import { OUTPUT_TAIL_BYTES, STREAMS, type RunId, type Stream } from '@scriptmesh/contracts';
import { LRUCache } from 'lru-cache';

/** Streams of runs that are going on; 4 MiB in all. */
const MOST_STREAMS = 64;

interface DroppedEnd {
  /** The offset behind the bytes. */
  readonly end: number;
  readonly bytes: Buffer;
}

/**
 * The last of what was acknowledged and not stored, where this program's limit is below that of an agent. It stands in
 * memory, since it is not worth a write for each piece: after a restart, or where another instance took a piece, less
 * is known, and less is kept.
 */
export class DroppedEnds {
  readonly #ends = new LRUCache<string, DroppedEnd>({ max: MOST_STREAMS });

  /** @param start of the first byte; what does not follow on what was noted before begins anew */
  note(id: RunId, stream: Stream, start: number, bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    const before = this.#ends.get(keyOf(id, stream));
    const last = bytes.subarray(Math.max(0, bytes.byteLength - OUTPUT_TAIL_BYTES));
    const kept = before?.end === start ? before.bytes : NOTHING;
    const surplus = Math.max(0, kept.byteLength + last.byteLength - OUTPUT_TAIL_BYTES);
    this.#ends.set(keyOf(id, stream), {
      end: start + bytes.byteLength,
      bytes: Buffer.concat([kept.subarray(surplus), last]),
    });
  }

  /** The last bytes before `end`; none when they are not known. */
  find(id: RunId, stream: Stream, end: number): Uint8Array {
    const noted = this.#ends.get(keyOf(id, stream));
    return noted?.end === end ? noted.bytes : NOTHING;
  }

  forget(id: RunId): void {
    for (const stream of STREAMS) this.#ends.delete(keyOf(id, stream));
  }
}

const NOTHING = Buffer.alloc(0);
const keyOf = (id: RunId, stream: Stream): string => `${id} ${stream}`;

/**
 * Which bytes of a stream are stored: a beginning, and once the run has ended perhaps a tail after a gap. Readers ask
 * here where to go on; what lies in the gap was counted and not kept.
 */
import { isFinalState, type Stream } from '@scriptmesh/contracts';
import type { OutputTail } from './output-tail.js';
import type { Run } from './run.js';

/** What a reader of bytes is told beside them. */
export interface OutputPlace {
  /** Where to go on. */
  readonly next: number;
  /** Bytes that were not kept between those that are answered and `next`. */
  readonly missing: number;
  /** Nothing comes at `next` or after it. */
  readonly isAll: boolean;
}

const tailOf = ({ state, tails }: Run, stream: Stream): OutputTail | undefined =>
  isFinalState(state) ? tails?.[stream] : undefined;

/** The first offset of which nothing is known (yet). */
export function endOfOutput(run: Run, stream: Stream): number {
  const tail = tailOf(run, stream);
  return tail ? Math.max(run.acked[stream], tail.offset + tail.length) : run.acked[stream];
}

/** Where something may be stored behind an offset at which nothing is. */
export function passGap(run: Run, stream: Stream, offset: number): number {
  const tail = tailOf(run, stream);
  return tail && offset < tail.offset ? tail.offset : endOfOutput(run, stream);
}

/** For whoever has got the stored bytes from `offset` on, up to the first that is not there. */
export function placeAfter(run: Run, stream: Stream, offset: number): OutputPlace {
  const tail = tailOf(run, stream);
  if (tail && tail.missing > 0 && offset < tail.offset) {
    return { next: tail.offset, missing: Math.min(tail.missing, tail.offset - offset), isAll: tail.length === 0 };
  }
  return { next: Math.max(offset, endOfOutput(run, stream)), missing: 0, isAll: isFinalState(run.state) };
}

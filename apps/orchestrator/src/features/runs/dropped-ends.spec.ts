import { array, assert as assertProperty, nat, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTPUT_TAIL_BYTES, type RunId } from '@scriptmesh/contracts';
import { DroppedEnds } from './dropped-ends.js';

const RUN = '019b7600-0000-7000-8000-000000000001' as RunId;
const written = Buffer.from(Uint8Array.from({ length: 400_000 }, (_, index) => (index * 7) % 251));

describe('the end of output that is not stored', () => {
  it('is never anything but the bytes before that place, whatever pieces come again or are missing', () => {
    assertProperty(
      property(array(tuple(nat(200_000), nat(200_000)), { maxLength: 12 }), (pieces) => {
        const ends = new DroppedEnds();
        for (const [start, size] of pieces) {
          ends.note(RUN, 'stdout', start, written.subarray(start, start + size));
          const found = ends.find(RUN, 'stdout', start + size);
          expect(found.byteLength).toBeLessThanOrEqual(OUTPUT_TAIL_BYTES);
          expect(written.subarray(start + size - found.byteLength, start + size).equals(found)).toBe(true);
        }
      }),
    );
  });

  it('is as long as may be when the pieces follow on each other', () => {
    for (const size of [1000, 65_535, 65_536, 65_537, 150_000]) {
      const ends = new DroppedEnds();
      for (let start = 0; start + size <= written.length; start += size) {
        ends.note(RUN, 'stdout', start, written.subarray(start, start + size));
        const expected = Math.min(OUTPUT_TAIL_BYTES, start + size);
        expect(ends.find(RUN, 'stdout', start + size)).toHaveLength(expected);
      }
    }
  });

  it('is not known for another place, another stream, or a run that has ended', () => {
    const ends = new DroppedEnds();
    ends.note(RUN, 'stdout', 0, written.subarray(0, 10));
    expect(ends.find(RUN, 'stdout', 11)).toHaveLength(0);
    expect(ends.find(RUN, 'stderr', 10)).toHaveLength(0);
    ends.forget(RUN);
    expect(ends.find(RUN, 'stdout', 10)).toHaveLength(0);
  });
});

import { assert as assertProperty, boolean, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aRun } from '../test-support/a-run.js';
import { endOfOutput, passGap, placeAfter } from './output-place.js';

const HEAD = 10;
const withTail = (missing: number, length: number, isFinal = true) =>
  aRun({
    state: isFinal ? 'failed' : 'running',
    acked: { stdout: HEAD, stderr: 0 },
    tails: { stdout: { offset: HEAD + missing, length, missing } },
  });

describe('the place after some output', () => {
  it('leads every reader over all stored bytes, once, and over all that is missing', () => {
    assertProperty(
      property(nat(50), nat(30), nat(HEAD + 80), (missing, length, from) => {
        const run = withTail(missing, length);
        const total = HEAD + missing + length;
        const isStored = (offset: number): boolean => offset < HEAD || (offset >= HEAD + missing && offset < total);
        let [at, read, passed] = [from, 0, 0];
        for (let isAll = false; !isAll;) {
          const place = placeAfter(run, 'stdout', at);
          for (let offset = at; offset < place.next && isStored(offset); offset += 1) read += 1;
          passed += place.missing;
          expect(place.isAll || place.next > at).toBe(true);
          ({ next: at, isAll } = place);
        }
        expect(at).toBe(Math.max(from, total));
        const expected = Array.from({ length: Math.max(0, total - from) }, (_, index) => isStored(from + index));
        expect([read, passed]).toEqual([expected.filter(Boolean).length, expected.filter((is) => !is).length]);
      }),
    );
  });

  it('is the same for a follower, who passes the gap in one step', () => {
    assertProperty(
      property(nat(50), nat(30), nat(49), (missing, length, into) => {
        const run = withTail(missing + 1, length);
        const inGap = HEAD + (into % (missing + 1));
        expect(passGap(run, 'stdout', inGap)).toBe(placeAfter(run, 'stdout', inGap).next);
        expect(endOfOutput(run, 'stdout')).toBe(HEAD + missing + 1 + length);
      }),
    );
  });

  it('knows of no tail before the end, nor of one of the other stream', () => {
    assertProperty(
      property(nat(50), nat(30), boolean(), (missing, length, isOther) => {
        const run = withTail(missing, length, isOther);
        const stream = isOther ? 'stderr' : 'stdout';
        const end = isOther ? 0 : HEAD;
        expect(placeAfter(run, stream, 0)).toEqual({ next: end, missing: 0, isAll: isOther });
        expect(endOfOutput(run, stream)).toBe(end);
      }),
    );
  });
});

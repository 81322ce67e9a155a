import { array, assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrames, encodeFrames, fitIntoOneList, splitFrames } from './frame-list.js';

const limits = { maxBytes: 100, maxFrames: 3, maxFrameBytes: 50 };
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const frames = (...sizes: number[]): Buffer[] => sizes.map((size, index) => Buffer.alloc(size, index + 1));

describe('a list of frames', () => {
  it('is each frame after its length in four bytes', () => {
    expect(encodeFrames([hex('aa'), hex('bbcc')])).toEqual(hex('00000001 aa 00000002 bbcc'));
    expect(encodeFrames([])).toEqual(Buffer.alloc(0));
  });

  it('comes back as it was given, whatever the bytes, and from the middle of a larger buffer', () => {
    assert(
      property(array(uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 }), (given) => {
        const inside = Buffer.concat([Buffer.alloc(3, 9), encodeFrames(given), Buffer.alloc(2, 9)]).subarray(3, -2);
        expect(decodeFrames(inside).map((one) => [...one])).toEqual(given.map((one) => [...one]));
      }),
    );
  });

  it.each(['00', '000000', '00000001', '00000002 aa', '00000001 aa 00', '00000000', '00000001 aa 00000000'])(
    'is malformed as %s',
    (body) => expect(codeOf(() => decodeFrames(hex(body)))).toBe('message/malformed'),
  );

  it('never throws anything but its two errors', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), (body) => {
        const outcome = codeOf(() => decodeFrames(body, limits));
        expect(Array.isArray(outcome) || outcome === 'message/malformed' || outcome === 'request/too-large').toBe(true);
      }),
    );
  });

  it('is too large beyond its bytes, its number of frames or the bytes of one', () => {
    expect(codeOf(() => decodeFrames(Buffer.alloc(101), limits))).toBe('request/too-large');
    expect(codeOf(() => decodeFrames(encodeFrames(frames(1, 1, 1, 1)), limits))).toBe('request/too-large');
    expect(codeOf(() => decodeFrames(encodeFrames(frames(51)), limits))).toBe('request/too-large');
    expect(codeOf(() => decodeFrames(hex('ffffffff aa'), limits))).toBe('request/too-large');
    expect(decodeFrames(encodeFrames(frames(50, 42)), limits)).toHaveLength(2);
  });

  it('is split in order where it does not fit', () => {
    const sizesOf = (...sizes: number[]) =>
      splitFrames(frames(...sizes), limits).map((list) => list.map((one) => one.length));
    expect(sizesOf()).toEqual([[]]);
    expect(sizesOf(1, 2, 3, 4)).toEqual([[1, 2, 3], [4]]);
    expect(sizesOf(50, 42, 1)).toEqual([[50, 42], [1]]);
    expect(sizesOf(50, 43)).toEqual([[50], [43]]);
    expect(codeOf(() => splitFrames(frames(1, 51), limits))).toBe('request/too-large');
  });

  it('holds as much from the start as fits', () => {
    expect(fitIntoOneList(frames(50, 43, 1), limits)).toHaveLength(1);
    expect(fitIntoOneList(frames(51), limits)).toHaveLength(0);
  });
});

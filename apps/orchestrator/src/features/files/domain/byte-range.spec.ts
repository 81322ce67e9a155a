import { describe, expect, it } from 'vitest';
import { readRange } from './byte-range.js';

describe('readRange', () => {
  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=2-5', 2, 5],
    ['bytes=2-', 2, 9],
    ['bytes=-3', 7, 9],
    ['bytes=-99', 0, 9],
    ['bytes=9-9999', 9, 9],
    ['Bytes= 1-2 ', 1, 2],
    [`bytes=0-${'9'.repeat(400)}`, 0, 9],
    [`bytes=-${'9'.repeat(400)}`, 0, 9],
  ])('%s of ten bytes', (header, first, last) => expect(readRange(header, 10)).toEqual({ first, last }));

  it.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', `bytes=${'9'.repeat(400)}-`])(
    '%s is outside of ten bytes',
    (header) => expect(readRange(header, 10)).toBe('outside'),
  );

  it.each(['bytes=0-', 'bytes=0-0', 'bytes=-1'])('%s is outside of an empty file', (header) =>
    expect(readRange(header, 0)).toBe('outside'),
  );

  it.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=5-2',
    'bytes=a-b',
    'bytes=1-2,4-5',
    'lines=1-2',
    'bytes=-1-2',
    'bytes=0x1-2',
    'bytes=1.5-2',
  ])('%s is ignored', (header) => expect(readRange(header, 10)).toBe('whole'));
});

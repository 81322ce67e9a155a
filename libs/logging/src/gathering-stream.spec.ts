import { PassThrough } from 'node:stream';
import { MovedClock } from '@scriptmesh/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { GatheringStream } from './gathering-stream.js';

describe('lines of one moment', () => {
  let clock: MovedClock;
  let written: string[];
  let stream: GatheringStream;
  beforeEach(() => {
    clock = new MovedClock();
    written = [];
    stream = new GatheringStream(
      new PassThrough().on('data', (chunk: Buffer) => written.push(chunk.toString())),
      clock,
    );
  });

  it('leave as one piece, in order, and those of the next moment as another', async () => {
    stream.write('one\n');
    await clock.advance(10);
    stream.write('two\n');
    stream.write('three\n');
    expect(written).toEqual([]);
    await clock.advance(10);
    stream.write('four\n');
    await clock.advance(20);

    expect(written).toEqual(['one\ntwo\nthree\n', 'four\n']);
  });

  it('leave at once when the program is about to end, and not a second time', async () => {
    stream.write('last\n');
    stream.flushNow();
    await clock.advance(0);
    expect(written).toEqual(['last\n']);
    await clock.advance(20);
    expect(written).toEqual(['last\n']);
  });
});

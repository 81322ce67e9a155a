import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TurnStream } from './turn-stream.js';

describe('lines of one turn', () => {
  const written: string[] = [];
  const to = new PassThrough().on('data', (chunk: Buffer) => written.push(chunk.toString()));
  const stream = new TurnStream(to);

  it('leave as one piece, in order, and those of the next turn as another', async () => {
    for (const line of ['one\n', 'two\n', 'three\n']) stream.write(line);
    await nextTurn();
    stream.write('four\n');
    await nextTurn();

    expect(written).toEqual(['one\ntwo\nthree\n', 'four\n']);
  });

  it('leave at once when the program is about to end, and not a second time', async () => {
    written.length = 0;
    stream.write('last\n');

    stream.flushNow();
    expect(to.readableLength + written.join('').length).toBe('last\n'.length);
    await nextTurn();
    expect(written).toEqual(['last\n']);
  });
});

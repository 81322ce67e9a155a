import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { ProcessTerminal } from './process-terminal.js';
import { BrokenPipe } from './terminal.js';

const stream = (failure: Error | null, more: object = {}): WriteStream =>
  Object.assign(new Writable({ write: (_chunk, _encoding, done) => done(failure) }), more) as unknown as WriteStream;
const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

describe('ProcessTerminal', () => {
  it('calls a reader that went away by its name, again and again', async () => {
    const terminal = new ProcessTerminal(stream(broken), stream(null));
    await expect(terminal.out('a')).rejects.toBeInstanceOf(BrokenPipe);
    await expect(terminal.out('b')).rejects.toBeInstanceOf(BrokenPipe);
  });

  it('does not fail for a message that nobody can read', async () => {
    await expect(new ProcessTerminal(stream(null), stream(broken)).err('a')).resolves.toBeUndefined();
  });

  it('has colours on a terminal that shows them, never in a pipe', () => {
    const tty = (colors: boolean) => stream(null, { isTTY: true, hasColors: () => colors });
    const terminal = new ProcessTerminal(tty(true), tty(false));
    expect([terminal.outHasColors, terminal.errHasColors]).toEqual([true, false]);
    expect(new ProcessTerminal(stream(null), stream(null)).outHasColors).toBe(false);
  });
});

import { array, assert, asyncProperty, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryTerminal } from '../../test-support/memory-terminal.js';
import { ScriptOutput } from './script-output.js';

const write = async (pieces: Uint8Array[], terminal: boolean, raw = false): Promise<MemoryTerminal> => {
  const seen = new MemoryTerminal();
  seen.outIsTerminal = terminal;
  const output = new ScriptOutput(seen, 'stdout', raw);
  for (const piece of pieces) await output.write(piece);
  await output.end();
  return seen;
};

describe('ScriptOutput', () => {
  it('passes any bytes to a pipe as they are', async () => {
    await assert(
      asyncProperty(array(uint8Array()), async (pieces) => {
        expect((await write(pieces, false)).outBytes).toEqual(Buffer.concat(pieces));
      }),
    );
  });

  it('never lets a terminal get a control character but tab and newline, however the bytes are cut', async () => {
    await assert(
      asyncProperty(array(uint8Array()), async (pieces) => {
        const { outText } = await write(pieces, true);
        // oxlint-disable-next-line no-control-regex -- control characters are what this is about
        expect(outText).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it('shows a character and a line end that come in two pieces', async () => {
    const bytes = Buffer.from('é\r\nok\r');
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
    expect((await write(pieces, true)).outText).toBe('é\nok\\r');
  });

  it('shows bytes that are no text as such', async () => {
    expect((await write([Uint8Array.of(0x61, 0xff, 0x62)], true)).outText).toBe('a\ufffdb');
  });
});

import { createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FrameSealer } from './frame.js';

const HEADER = { v: 1, kind: 'chunk', text: 'grün' };
const BYTES = Uint8Array.from([0, 255, 10, 13, 128]);
const LENGTH_AT = 32;

describe('FrameSealer', () => {
  const sealer = new FrameSealer('k'.repeat(43));

  it('gives header and bytes back as they were', () => {
    const opened = new FrameSealer('k'.repeat(43)).open('to-agent', sealer.seal('to-agent', HEADER, BYTES));
    expect(opened.header).toEqual(HEADER);
    expect(Buffer.from(opened.bytes).equals(BYTES)).toBe(true);
  });

  it('does without bytes', () => {
    expect(sealer.open('from-agent', sealer.seal('from-agent', HEADER)).bytes).toHaveLength(0);
  });

  it('opens a frame that lies inside a larger buffer', () => {
    const frame = sealer.seal('to-agent', HEADER, BYTES);
    const larger = new Uint8Array(frame.length + 14);
    larger.set(frame, 7);
    expect(sealer.open('to-agent', larger.subarray(7, 7 + frame.length)).header).toEqual(HEADER);
  });

  it('refuses a frame that was changed in any one byte', () => {
    const frame = sealer.seal('to-agent', HEADER, BYTES);
    for (let index = 0; index < frame.length; index += 1) {
      const changed = Uint8Array.from(frame);
      changed[index] = (changed[index] as number) ^ 1;
      expect(() => sealer.open('to-agent', changed), `byte ${index}`).toThrow('message/bad-mac');
    }
  });

  it('refuses a frame that was cut or made longer', () => {
    const frame = sealer.seal('to-agent', HEADER, BYTES);
    expect(() => sealer.open('to-agent', frame.subarray(0, -1))).toThrow('message/bad-mac');
    expect(() => sealer.open('to-agent', Buffer.concat([frame, Buffer.of(0)]))).toThrow('message/bad-mac');
  });

  it('refuses a frame that is sent back to where it came from', () => {
    expect(() => sealer.open('from-agent', sealer.seal('to-agent', HEADER))).toThrow('message/bad-mac');
  });

  it('refuses a frame of another key', () => {
    expect(() => new FrameSealer('another key').open('to-agent', sealer.seal('to-agent', HEADER))).toThrow(
      'message/bad-mac',
    );
  });

  it.each([0, 1, 35])('calls %i bytes malformed', (length) => {
    expect(() => sealer.open('to-agent', new Uint8Array(length))).toThrow('message/malformed');
  });

  it('calls a frame malformed whose header is longer than the frame or than any header may be', () => {
    // Sealed with the right key, as a broken program would: the length is wrong although the MAC is right.
    expect(() => sealer.open('to-agent', withLength(sealer, 1000))).toThrow('message/malformed');
    expect(() => sealer.open('to-agent', withLength(sealer, 0xffff_ffff))).toThrow('message/malformed');
  });

  it('calls a header malformed that is not JSON', () => {
    expect(() => sealer.open('to-agent', withLength(sealer, 3))).toThrow('message/malformed');
  });

  it('names its key without telling it', () => {
    expect(sealer.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(sealer.keyId).not.toBe(new FrameSealer('another key').keyId);
  });
});

/** A frame with a right MAC over a wrong header length. */
function withLength(sealer: FrameSealer, length: number): Uint8Array {
  const frame = Buffer.from(sealer.seal('to-agent', HEADER, BYTES));
  frame.writeUInt32BE(length, LENGTH_AT);
  return reseal(frame);
}

function reseal(frame: Buffer): Buffer {
  const key = hkdfSync('sha256', Buffer.from('k'.repeat(43)), 'scriptmesh', 'scriptmesh frame v1 to-agent', 32);
  createHmac('sha256', Buffer.from(key)).update(frame.subarray(LENGTH_AT)).digest().copy(frame, 0);
  return frame;
}

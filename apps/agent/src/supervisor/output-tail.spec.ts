import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CappedOutput } from './capped-output.js';
import { OutputTail } from './output-tail.js';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const TAIL = 64 * 1024;
/** So many bytes of which no two neighbours are alike. */
const pattern = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 7) % 251));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scriptmesh-tail-'));
  path = join(folder, 'stdout');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the tail of a stream', () => {
  it('holds the last bytes in their order, whatever the pieces and wherever the ring begins again', () => {
    const written = pattern(40);
    for (let length = 0; length <= written.length; length += 1) {
      for (let piece = 1; piece <= 20; piece += 1) {
        const tail = new OutputTail(path, 8);
        for (let at = 0; at < length; at += piece) tail.take(written.subarray(at, Math.min(length, at + piece)));
        expect([...tail.bytes], `${length} bytes in pieces of ${piece}`).toEqual([
          ...written.subarray(Math.max(0, length - 8), length),
        ]);
      }
    }
  });

  it('is the same when pieces of all sizes come in turn', () => {
    const written = pattern(300);
    const tail = new OutputTail(path, 8);
    for (let at = 0, piece = 1; at < written.length; at += piece, piece = (piece % 23) + 1) {
      tail.take(written.subarray(at, at + piece));
      const end = Math.min(written.length, at + piece);
      expect([...tail.bytes]).toEqual([...written.subarray(Math.max(0, end - 8), end)]);
    }
  });

  it('keeps nothing of the pieces themselves, which their owner uses again', () => {
    const piece = Buffer.from('abcd');
    const tail = new OutputTail(path, 8);
    tail.take(piece);
    piece.fill(0);
    expect(tail.bytes.toString()).toBe('abcd');
  });
});

describe('output up to a cap', () => {
  /** What became of so many bytes under a cap of 1000, given in pieces. */
  async function keep(length: number, piece = 64 * 1024) {
    const written = pattern(length);
    const output = CappedOutput.create(path, 1000);
    for (let at = 0; at < length; at += piece) output.take(written.subarray(at, at + piece));
    const kept = await output.sum();
    await output.close();
    // The file is made with the first byte.
    expect(existsSync(path)).toBe(length > 0);
    if (length > 0) expect(readFileSync(path).equals(written.subarray(0, 1000))).toBe(true);
    expect(kept).toMatchObject({ length: Math.min(length, 1000), sha256: sha256(written.subarray(0, 1000)) });
    expect(kept.length + kept.dropped).toBe(length);
    return { ...kept, written };
  }

  it('has no tail, and no file for it, when the stream ends exactly at the cap or before', async () => {
    for (const length of [0, 1, 999, 1000]) expect(await keep(length)).toMatchObject({ dropped: 0, tail: null });
    expect(existsSync(`${path}.tail`)).toBe(false);
  });

  it.each([1, 2, 1000, TAIL - 1, TAIL, TAIL + 1, 2 * TAIL, 5 * TAIL + 77])(
    'has the last of %i bytes beyond it in a file of their own',
    async (beyond) => {
      for (const piece of [333, 64 * 1024, 1_000_000]) {
        const { written, dropped, tail } = await keep(1000 + beyond, piece);
        const last = written.subarray(Math.max(1000, written.length - TAIL));
        expect({ dropped, tail }).toEqual({ dropped: beyond, tail: { length: last.length, sha256: sha256(last) } });
        expect(readFileSync(`${path}.tail`).equals(last)).toBe(true);
      }
    },
  );

  it('says nothing of a tail that the disk did not take; the counts stay exact', async () => {
    mkdirSync(`${path}.tail`);
    expect(await keep(5000)).toMatchObject({ dropped: 4000, tail: null });
  });

  it('has neither hash nor tail when another supervisor goes on', async () => {
    const first = CappedOutput.create(path, 1000);
    first.take(pattern(900));
    await first.close();
    const second = CappedOutput.continue(path, 1000);
    second.take(pattern(5000));
    expect(await second.sum()).toMatchObject({ length: 1000, dropped: 4900, tail: null });
    expect(existsSync(`${path}.tail`)).toBe(false);
    await second.close();
  });
});

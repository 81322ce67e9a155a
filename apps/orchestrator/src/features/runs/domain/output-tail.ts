import { createHash } from 'node:crypto';
import { STREAMS, type Stream } from '@scriptmesh/contracts';
import type { Header } from './evidence.js';

/** The end of a stream of which more was written than its agent or the store keeps: its last bytes, after a gap. */
export interface OutputTail {
  /** Of its first byte, as the script wrote it. */
  readonly offset: number;
  /** 0: how much was written is known, but the last bytes are not here. */
  readonly length: number;
  /** Bytes between the beginning that is kept and the tail; 0 when the tail follows on it. */
  readonly missing: number;
}

export type OutputTails = Readonly<Partial<Record<Stream, OutputTail>>>;

interface GivenTails {
  readonly bytes: Readonly<Partial<Record<Stream, Uint8Array>>>;
  /** Something is not as the agent says of it, and was left out. */
  readonly isBroken: boolean;
}

/** The bytes of the tails that came with a result, each compared with what the header says. */
export function readTails({ tails, dropped }: Header<'result'>, bytes: Uint8Array): GivenTails {
  const given: Partial<Record<Stream, Uint8Array>> = {};
  let isBroken = false;
  let at = 0;
  for (const stream of STREAMS) {
    const tail = tails?.[stream];
    if (!tail) continue;
    const part = bytes.subarray(at, at + tail.length);
    at += tail.length;
    const isRight = part.byteLength === tail.length && tail.length <= dropped[stream] && shaOf(part) === tail.sha256;
    if (isRight) given[stream] = part;
    else isBroken = true;
  }
  return { bytes: given, isBroken };
}

const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

import { Injectable } from '@nestjs/common';
import { type Stream } from '@scriptmesh/contracts';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { placeAfter, type OutputPlace } from './domain/output-place.js';
import type { Run } from './domain/run.js';
import { RunsStore } from './runs.store.js';

const PIECE_BYTES = 256 * 1024;

/** Where a caller goes on after these bytes, what is missing before that place, and whether anything may still come. */
export const headersOf = ({ next, missing, isAll }: OutputPlace): Record<string, string> => ({
  'output-next-offset': String(next),
  'output-final': String(isAll),
  ...(missing > 0 ? { 'output-gap': String(missing) } : {}),
});

/** Sends the stored bytes of a stream as they are, a piece at a time, up to the first that is not there. */
@Injectable()
export class OutputReader {
  constructor(private readonly store: RunsStore) {}

  async send(run: Run, stream: Stream, offset: number, response: Response): Promise<void> {
    const place = placeAfter(run, stream, offset);
    response.status(200).set({
      'content-type': 'application/octet-stream',
      'content-disposition': `inline; filename="${run.id}.${stream}"`,
      'cache-control': 'no-store',
      ...headersOf(place),
    });
    await pipeline(Readable.from(this.#pieces(run, stream, offset, place.next)), response).catch(
      (error: NodeJS.ErrnoException) => {
        // A caller that goes away is no fault of ours.
        if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
      },
    );
  }

  async *#pieces(run: Run, stream: Stream, offset: number, end: number): AsyncGenerator<Uint8Array> {
    for (let at = offset; at < end;) {
      const bytes = await this.store.readOutput(run.id, stream, at, PIECE_BYTES);
      if (bytes.byteLength === 0) return;
      const piece = bytes.subarray(0, end - at);
      at += piece.byteLength;
      yield piece;
    }
  }
}

import { Injectable } from '@nestjs/common';
import { isFinalState, type Stream } from '@scriptmesh/contracts';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Run } from './domain/run.js';
import { RunsStore } from './runs.store.js';

const PIECE_BYTES = 256 * 1024;

/** Where a caller goes on after these bytes, and whether anything may still come. */
export const placeAfter = (run: Run, stream: Stream, offset: number): Record<string, string> => ({
  'output-next-offset': String(Math.max(offset, run.acked[stream])),
  'output-final': String(isFinalState(run.state)),
});

/** Sends the stored bytes of a stream as they are, a piece at a time. */
@Injectable()
export class OutputReader {
  constructor(private readonly store: RunsStore) {}

  async send(run: Run, stream: Stream, offset: number, response: Response): Promise<void> {
    response.status(200).set({
      'content-type': 'application/octet-stream',
      'content-disposition': `inline; filename="${run.id}.${stream}"`,
      'cache-control': 'no-store',
      ...placeAfter(run, stream, offset),
    });
    await pipeline(Readable.from(this.#pieces(run, stream, offset)), response).catch((error: NodeJS.ErrnoException) => {
      // A caller that goes away is no fault of ours.
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });
  }

  async *#pieces(run: Run, stream: Stream, offset: number): AsyncGenerator<Uint8Array> {
    for (let at = offset; at < run.acked[stream];) {
      const bytes = await this.store.readOutput(run.id, stream, at, PIECE_BYTES);
      if (bytes.byteLength === 0) return;
      const piece = bytes.subarray(0, run.acked[stream] - at);
      at += piece.byteLength;
      yield piece;
    }
  }
}

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { MeshError, type LogAsk, type LogPart } from '@scriptmesh/contracts';
import type { Response } from 'express';
import type { LogSource } from './log-source.js';

/** More than the largest log's bound takes; only an agent that never comes to an end needs more. */
const MAX_PARTS = 1024;

/**
 * Sends a log as text, as far as it went when it was asked for. A part is asked for when the one before is taken, so
 * a slow caller costs no memory.
 */
@Injectable()
export class LogSender {
  async send(source: LogSource, ask: LogAsk, response: Response): Promise<void> {
    // Before the headers, so that a fault is still a problem of its own.
    const first = await source.read(ask);
    response.status(200).set({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-scriptmesh-log-file': encodeURIComponent(first.file),
    });
    await pipeline(Readable.from(pieces(source, ask, first)), response).catch((error: NodeJS.ErrnoException) => {
      // A caller that goes away is no fault of ours.
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });
  }
}

async function* pieces(source: LogSource, ask: LogAsk, first: LogPart): AsyncGenerator<Uint8Array> {
  let part = first;
  if (part.bytes.byteLength > 0) yield part.bytes;
  for (let parts = 1; part.nextOffset < first.size; parts += 1) {
    const next = await source.read(askOn(ask, part));
    // The connection is cut rather than that a part of a file passes for the whole of it.
    if (next.changed)
      throw new MeshError('log/unreadable', `the log file ${first.file} was replaced while it was read`);
    if (next.nextOffset <= part.nextOffset || parts === MAX_PARTS) {
      if (next.size <= part.nextOffset) return;
      throw new MeshError('agent/bad-answer', `${source.label} does not come to an end of ${first.file}`);
    }
    part = next;
    if (part.bytes.byteLength > 0) yield part.bytes;
  }
}

/** What follows a part. */
export const askOn = (ask: LogAsk, { file, fileId, nextOffset, keeping }: LogPart): LogAsk => ({
  ...ask,
  file,
  fileId,
  tailLines: null,
  fromOffset: nextOffset,
  keeping,
});

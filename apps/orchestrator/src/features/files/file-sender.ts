import { Injectable } from '@nestjs/common';
import { MeshError } from '@scriptmesh/contracts';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { OpenFile } from './data-folder.js';
import { bytesOf, readRange, wholeOf, type ByteRange } from './domain/byte-range.js';

/** No answer is longer, so that a sparse file of exabytes holds nobody for ever; the rest comes with further ranges. */
const MAX_ANSWER_BYTES = 1024 * 1024 * 1024;
/** The caller went away; no fault of ours. */
const GONE: ReadonlySet<unknown> = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE']);

/** Answers with the bytes of a file as they are, or a range of them, a piece at a time. */
@Injectable()
export class FileSender {
  /** @throws MeshError file/range-outside, file/too-large; file/unreadable breaks an answer that has begun */
  async send(file: OpenFile, request: Request, response: Response): Promise<void> {
    const part = choosePart(file, request);
    if (part === 'outside') throw rangeOutside(file, response);
    const range = part ?? checkSize(file);
    response
      .status(part ? 206 : 200)
      .attachment(file.name)
      .set({
        'content-type': 'application/octet-stream',
        'content-length': String(bytesOf(range)),
        'accept-ranges': 'bytes',
        'cache-control': 'no-store',
        etag: tagOf(file),
        ...(part ? { 'content-range': `bytes ${part.first}-${part.last}/${file.bytes}` } : {}),
      });
    if (request.method === 'HEAD') response.end();
    else await sendBytes(file, range, response);
  }
}

/** A range of the file as it was when the caller saw `If-Range`; of another one the whole is sent. */
function choosePart(file: OpenFile, request: Request): ByteRange | 'outside' | undefined {
  const ifRange = request.get('if-range');
  if (request.method !== 'GET' || (ifRange !== undefined && ifRange !== tagOf(file))) return undefined;
  const range = readRange(request.get('range'), file.bytes);
  if (range === 'whole') return undefined;
  return range === 'outside' ? range : { ...range, last: Math.min(range.last, range.first + MAX_ANSWER_BYTES - 1) };
}

function checkSize(file: OpenFile): ByteRange {
  if (file.bytes <= MAX_ANSWER_BYTES) return wholeOf(file.bytes);
  throw new MeshError(
    'file/too-large',
    `"${file.name}" has ${file.bytes} bytes; one answer has at most ${MAX_ANSWER_BYTES}`,
    { hint: 'Ask for it in parts with "Range: bytes=FROM-", each where the Content-Range of the one before ended.' },
  );
}

function rangeOutside(file: OpenFile, response: Response): MeshError {
  response.set('content-range', `bytes */${file.bytes}`);
  return new MeshError('file/range-outside', `no byte of the range is in "${file.name}", which has ${file.bytes}`);
}

async function sendBytes(file: OpenFile, range: ByteRange, response: Response): Promise<void> {
  await pipeline(Readable.from(file.read(range)), response).catch((error: NodeJS.ErrnoException) => {
    if (!GONE.has(error.code)) throw error;
  });
}

const tagOf = ({ version }: OpenFile): string => `"${version}"`;

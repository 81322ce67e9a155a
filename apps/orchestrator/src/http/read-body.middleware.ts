/**
 * Reads bodies: JSON for the API, frames on their own route, each to its own limit; anything else is 415, but on the
 * 0.2 routes, which take what 0.2 took.
 * Not express.json: that reads an oversized body to its end before it answers 413.
 */
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { MeshError } from '@scriptmesh/contracts';
import { FRAME_LIST_LIMITS, FRAMES_CONTENT_TYPE } from '@scriptmesh/transport';
import type { NextFunction, Request, Response } from 'express';
import { parseLegacyBody, takesLegacyBody } from './legacy-bodies.js';
import { parseStrictJson } from './strict-json.js';

const JSON_LIMIT_BYTES = 1024 * 1024;
const FRAMES_PATH = /^\/api\/v1\/agents\/[^/]+\/frames$/;

interface BodyRule {
  /** null = any. */
  readonly contentType: string | null;
  readonly limitBytes: number;
  parse(bytes: Buffer, contentType: string | undefined): unknown;
}

const JSON_RULE: BodyRule = { contentType: 'application/json', limitBytes: JSON_LIMIT_BYTES, parse: parseStrictJson };
const FRAMES_RULE: BodyRule = {
  contentType: FRAMES_CONTENT_TYPE,
  limitBytes: FRAME_LIST_LIMITS.maxBytes,
  parse: (bytes) => bytes,
};

const LEGACY_RULE: BodyRule = { contentType: null, limitBytes: JSON_LIMIT_BYTES, parse: parseLegacyBody };

export function readBody(request: Request, _response: Response, next: NextFunction): void {
  const declared = request.headers['content-length'];
  if (request.headers['transfer-encoding'] === undefined && (declared === undefined || declared === '0')) {
    next();
    return;
  }
  read(request, ruleOf(request.path)).then(
    (body) => {
      request.body = body;
      next();
    },
    (error: unknown) => next(error),
  );
}

function ruleOf(path: string): BodyRule {
  if (FRAMES_PATH.test(path)) return FRAMES_RULE;
  return takesLegacyBody(path) ? LEGACY_RULE : JSON_RULE;
}

async function read(request: Request, rule: BodyRule): Promise<unknown> {
  if (rule.contentType !== null) checkType(request, rule.contentType);
  if (Number(request.headers['content-length'] ?? 0) > rule.limitBytes) throw tooLarge(rule);
  const bytes = await readBytes(request, rule);
  return rule.parse(await unpack(request, bytes, rule), request.headers['content-type']);
}

/** By events: an async iterator costs more than the body of most requests. */
function readBytes(request: Request, rule: BodyRule): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const settle = (done: () => void): void => {
      request.off('data', take).off('end', end).off('error', breakOff).off('close', breakOff);
      done();
    };
    const take = (part: Buffer): void => {
      length += part.length;
      parts.push(part);
      if (length <= rule.limitBytes) return;
      // What is left stays unread, and the connection open, so that the answer can still be sent on it.
      request.pause();
      settle(() => reject(tooLarge(rule)));
    };
    const end = (): void => settle(() => resolve(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)));
    const breakOff = (cause?: unknown): void =>
      settle(() =>
        reject(new MeshError('request/malformed', 'the request ended before its body was complete', { cause })),
      );
    request.on('data', take).once('end', end).once('error', breakOff).once('close', breakOff);
  });
}

function checkType(request: Request, wanted: string): void {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  if (type.trim() !== wanted) {
    throw new MeshError('request/unsupported-type', `the body of this route has to be ${wanted}`, {
      hint: `Send it with "content-type: ${wanted}".`,
    });
  }
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new MeshError('request/unsupported-type', 'the body has to be in UTF-8', {
      hint: 'Leave the charset out, or name utf-8.',
    });
  }
}

async function unpack(request: Request, bytes: Buffer, rule: BodyRule): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity') return bytes;
  if (encoding !== 'gzip') {
    throw new MeshError('request/unsupported-type', 'the body is compressed in a way that is not understood here', {
      hint: 'Send it plain, or with "content-encoding: gzip".',
    });
  }
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: rule.limitBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(rule);
    throw new MeshError('request/malformed', 'the body cannot be unpacked', { cause: error });
  }
}

const tooLarge = ({ limitBytes }: BodyRule): MeshError =>
  new MeshError('request/too-large', `the body is over the limit of ${limitBytes} bytes`, {
    hint: 'Send a smaller body.',
  });

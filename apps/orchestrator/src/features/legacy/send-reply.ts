import { type LegacyReply } from '@scriptmesh/contracts';
import type { Response } from 'express';

/** 0.2 names no charset, so the bytes are sent as they are. */
export function sendReply(response: Response, { status, json }: LegacyReply): void {
  response.status(status).setHeader('content-type', 'application/json');
  response.end(Buffer.from(json));
}

/** Aborts when the caller hangs up before its answer. */
export function goneOf(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (response.destroyed) gone.abort();
  return gone.signal;
}

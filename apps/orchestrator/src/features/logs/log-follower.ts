import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { isMeshError, type LogAsk, type LogPart, type MeshError } from '@scriptmesh/contracts';
import { Clock, type Timer } from '@scriptmesh/runtime';
import type { Response } from 'express';
import { encodePiece } from '../../http/encode-piece.js';
import { formatLogEvent, type LogPosition } from './log-events.js';
import { askOn } from './log-sender.js';
import type { LogSource } from './log-source.js';

const ASK_EVERY_MS = 1_000;
const FIRST_LINES = 10;

/**
 * Follows a log as server-sent events, by asking once a second for what lies beyond the last byte. It keeps a place
 * in the file and nothing else; a follower that does not read is not asked for.
 */
@Injectable()
export class LogFollower {
  constructor(
    private readonly clock: Clock,
    private readonly settings: OrchestratorSettings,
  ) {}

  /** Resolves when the follower has gone. @throws MeshError when the first part cannot be had */
  async follow(source: LogSource, ask: LogAsk, from: LogPosition | null, response: Response): Promise<void> {
    const first = await source.read(
      from
        ? { ...ask, fileId: from.fileId, fromOffset: from.offset, tailLines: null }
        : { ...ask, tailLines: ask.tailLines ?? (ask.sinceMs === null ? FIRST_LINES : null) },
    );
    response.status(200).set({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    const stopComments = this.#comment(response);
    try {
      await this.#goOn(source, ask, first, from, response);
    } finally {
      stopComments();
      response.end();
    }
  }

  async #goOn(source: LogSource, ask: LogAsk, first: LogPart, from: LogPosition | null, response: Response) {
    let last = await sendPart(first, from?.offset ?? first.offset, response);
    let isAtEnd = isEnd(first, last);
    let isTold = false;
    while (!response.destroyed) {
      if (isAtEnd) await this.#pause(response);
      if (response.destroyed) return;
      const part = await source.read(askOn(ask, last)).catch(toFault);
      isAtEnd = true;
      if (!isMeshError(part)) {
        const before = last.nextOffset;
        last = await sendPart(part, before, response);
        isAtEnd = isEnd(part, last);
        isTold = false;
      } else if (!isTold) {
        // An agent that restarts, a file between two names: told once, then waited for.
        isTold = true;
        await write(response, formatLogEvent('waiting', { code: part.code, detail: part.detail }, at(last)));
      }
    }
  }

  #pause(response: Response): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.stop();
        response.off('close', done);
        resolve();
      };
      const timer: Timer = this.clock.after(ASK_EVERY_MS, done);
      response.once('close', done);
      if (response.destroyed) done();
    });
  }

  #comment(response: Response): () => void {
    let timer: Timer | undefined;
    const wait = (): void => {
      timer = this.clock.after(this.settings.streamKeepAliveSeconds * 1000, () => {
        if (!response.destroyed) response.write(':\n\n');
        wait();
      });
    };
    wait();
    return () => timer?.stop();
  }
}

/** Nothing more is there for now, or what is there cannot be sent yet. */
const isEnd = (part: LogPart, sent: LogPart): boolean =>
  part.changed === null && (sent.nextOffset >= part.size || sent.nextOffset === part.offset);

function toFault(error: unknown): MeshError {
  if (isMeshError(error)) return error;
  throw error;
}

const at = (part: LogPart): LogPosition => ({ offset: part.nextOffset, fileId: part.fileId });

/** @returns the part with `nextOffset` where to go on: before a character of which only the beginning is written yet */
async function sendPart(part: LogPart, expected: number, response: Response): Promise<LogPart> {
  const { file, bytes, changed } = part;
  if (changed) {
    await write(
      response,
      formatLogEvent('gap', { file, offset: 0, reason: changed }, { offset: 0, fileId: part.fileId }),
    );
    return { ...part, nextOffset: 0 };
  }
  if (part.offset > expected) {
    const position = { offset: part.offset, fileId: part.fileId };
    await write(response, formatLogEvent('gap', { file, offset: part.offset, reason: 'bound' }, position));
  }
  const isWhole = bytes.byteLength === part.nextOffset - part.offset;
  let sent = 0;
  while (sent < bytes.byteLength && !response.destroyed) {
    const piece = encodePiece(bytes.subarray(sent));
    if (isWhole && piece.isSplit) return { ...part, nextOffset: part.offset + sent };
    const offset = isWhole ? part.offset + sent : part.offset;
    sent += piece.length;
    const position = { offset: isWhole ? part.offset + sent : part.nextOffset, fileId: part.fileId };
    await write(response, formatLogEvent('output', { file, offset, ...piece.data }, position));
  }
  return part;
}

/** Resolves when the follower can take more, or has gone. */
function write(response: Response, event: string): Promise<void> | void {
  if (response.destroyed || response.write(event)) return;
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}

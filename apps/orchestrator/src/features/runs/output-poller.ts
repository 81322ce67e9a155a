import { Injectable } from '@nestjs/common';
import { isFinalState } from '@scriptmesh/contracts';
import type { OutputQueryDto } from '@scriptmesh/contracts/dto';
import type { Response } from 'express';
import { endOfOutput, placeAfter } from './domain/output-place.js';
import type { Run } from './domain/run.js';
import { headersOf, OutputReader } from './output-reader.js';
import { RunWaiter } from './run-waiter.js';

/** Output for callers that can neither read a stream nor ask every second: the answer waits for the next bytes. */
@Injectable()
export class OutputPoller {
  constructor(
    private readonly reader: OutputReader,
    private readonly waiter: RunWaiter,
  ) {}

  /** 200 with what lies beyond the offset as soon as there is some; 204 when the run ends or the time is over without any. */
  async send(run: Run, { stream, offset }: OutputQueryDto, waitSeconds: number, response: Response): Promise<void> {
    const hasMore = (seen: Run): boolean => endOfOutput(seen, stream) > offset;
    const isSettled = (seen: Run): boolean => hasMore(seen) || isFinalState(seen.state);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const seen = isSettled(run) ? run : await this.waiter.waitUntil(run, isSettled, waitSeconds * 1000, gone.signal);
    if (response.destroyed) return;
    response.set('preference-applied', `wait=${waitSeconds}`);
    if (hasMore(seen)) return this.reader.send(seen, stream, offset, response);
    response
      .status(204)
      .set({ 'cache-control': 'no-store', ...headersOf(placeAfter(seen, stream, offset)) })
      .end();
  }
}

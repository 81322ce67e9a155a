import { Injectable } from '@nestjs/common';
import { isFinalState } from '@scriptmesh/contracts';
import type { RunDto } from '@scriptmesh/contracts/dto';
import type { Request, Response } from 'express';
import { endOfOutput } from './domain/output-place.js';
import type { Run } from './domain/run.js';
import { readPreferredWait } from './prefer-header.js';
import { RunWaiter } from './run-waiter.js';
import { toRunDto } from './runs.mapper.js';
import { RunsStore } from './runs.store.js';

const SHOWN_OUTPUT_BYTES = 64 * 1024;

/** The answer to a request that has set a run going, or is to stop it. */
@Injectable()
export class RunAnswers {
  constructor(
    private readonly waiter: RunWaiter,
    private readonly store: RunsStore,
  ) {}

  /** 202 with the run as it is, or 200 with the finished one when `Prefer: wait=N` asks for it and it ends in time. */
  async answer(run: Run, request: Request, response: Response): Promise<RunDto> {
    response.status(202).location(`/api/v1/runs/${run.id}`);
    const waitSeconds = readPreferredWait(request.get('prefer'));
    if (waitSeconds === undefined) return toRunDto(run);
    response.set('preference-applied', `wait=${waitSeconds}`);
    const latest = await this.waiter.waitForEnd(run, waitSeconds * 1000, goneOf(response));
    if (!isFinalState(latest.state)) return toRunDto(latest);
    response.status(200);
    return this.#withOutput(latest);
  }

  async #withOutput(run: Run): Promise<RunDto> {
    const [stdout, stderr] = await Promise.all([this.#text(run, 'stdout'), this.#text(run, 'stderr')]);
    return { ...toRunDto(run), stdout, stderr };
  }

  async #text(run: Run, stream: 'stdout' | 'stderr'): Promise<string> {
    const wanted = Math.min(endOfOutput(run, stream), SHOWN_OUTPUT_BYTES);
    const bytes = await this.store.readOutput(run.id, stream, 0, wanted);
    return Buffer.from(bytes.subarray(0, SHOWN_OUTPUT_BYTES)).toString('utf8');
  }
}

const GONE = 'the caller has gone';

function goneOf(response: Response): AbortSignal {
  const gone = new AbortController();
  // With a reason of ours: without one an exception with a stack is made for every request.
  const leave = (): void => gone.abort(GONE);
  response.once('close', leave);
  if (response.destroyed) leave();
  return gone.signal;
}

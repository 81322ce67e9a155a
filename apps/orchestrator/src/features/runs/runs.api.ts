import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { isFinalState, isRunId } from '@scriptmesh/contracts';
import {
  decodeCursor,
  encodeCursor,
  type CreateRunDto,
  type RunDto,
  type RunPageDto,
  type RunQueryDto,
} from '@scriptmesh/contracts/dto';
import { MeshError } from '@scriptmesh/contracts';
import type { Request, Response } from 'express';
import type { Run } from './domain/run.js';
import { readPreferredWait } from './prefer-header.js';
import { RunWaiter } from './run-waiter.js';
import { toRunDto } from './runs.mapper.js';
import { RunsService } from './runs.service.js';
import { RunsStore } from './runs.store.js';

const SHOWN_OUTPUT_BYTES = 64 * 1024;

/** Runs in the words of the API. */
@Injectable()
export class RunsApi {
  constructor(
    private readonly runs: RunsService,
    private readonly waiter: RunWaiter,
    private readonly store: RunsStore,
  ) {}

  /** 202 with the accepted run, or 200 with the finished one when `Prefer: wait=N` asks for it and it ends in time. */
  async create(body: CreateRunDto, by: Principal, request: Request, response: Response): Promise<RunDto> {
    const { agent, script, params = {}, timeoutSeconds, deliverWithinSeconds } = body;
    const run = await this.runs.accept(
      { agent, script, params, timeoutSeconds, deliverWithinSeconds, origin: 'api' },
      by,
    );
    response.status(202).location(`/api/v1/runs/${run.id}`);
    const waitSeconds = readPreferredWait(request.get('prefer'));
    if (waitSeconds === undefined) return toRunDto(run);
    response.set('preference-applied', `wait=${waitSeconds}`);
    const latest = await this.waiter.waitForEnd(run, waitSeconds * 1000, goneOf(response));
    if (!isFinalState(latest.state)) return toRunDto(latest);
    response.status(200);
    return this.#withOutput(latest);
  }

  async list({ limit, cursor, state, agent, script }: RunQueryDto): Promise<RunPageDto> {
    const before = cursor === undefined ? null : decodeCursor(cursor);
    if (before !== null && !isRunId(before))
      throw new MeshError('request/malformed', 'the cursor is not one of this list');
    const runs = await this.runs.listRuns({
      limit: limit + 1,
      state: state ?? null,
      agent: agent ?? null,
      script: script ?? null,
      before,
    });
    const items = runs.slice(0, limit).map(toRunDto);
    return { items, next: runs.length > limit ? encodeCursor(items.at(-1)?.id ?? '') : null };
  }

  async show(id: string): Promise<RunDto> {
    return toRunDto(await this.runs.getRun(id));
  }

  async #withOutput(run: Run): Promise<RunDto> {
    const [stdout, stderr] = await Promise.all([this.#text(run, 'stdout'), this.#text(run, 'stderr')]);
    return { ...toRunDto(run), stdout, stderr };
  }

  async #text(run: Run, stream: 'stdout' | 'stderr'): Promise<string> {
    const bytes = await this.store.readOutput(run.id, stream, 0, SHOWN_OUTPUT_BYTES);
    return Buffer.from(bytes.subarray(0, SHOWN_OUTPUT_BYTES)).toString('utf8');
  }
}

function goneOf(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (response.destroyed) gone.abort();
  return gone.signal;
}

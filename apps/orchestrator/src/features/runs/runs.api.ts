import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { isRunId, MeshError, type RunId } from '@scriptmesh/contracts';
import {
  decodeCursor,
  encodeCursor,
  type CancelRunDto,
  type CreateRunDto,
  type RunDto,
  type RunPageDto,
  type RunQueryDto,
} from '@scriptmesh/contracts/dto';
import type { Request, Response } from 'express';
import { traceparentOf } from '../../http/request-trace.js';
import { readOnceKey } from './once-key.js';
import { RunAnswers } from './run-answers.js';
import type { Accepted } from './run-birth.js';
import { RunCancels } from './run-cancels.js';
import { toRunDto } from './runs.mapper.js';
import { RunsService } from './runs.service.js';

/** Runs in the words of the API. */
@Injectable()
export class RunsApi {
  constructor(
    private readonly runs: RunsService,
    private readonly cancels: RunCancels,
    private readonly answers: RunAnswers,
  ) {}

  async create(body: CreateRunDto, by: Principal, request: Request, response: Response): Promise<RunDto> {
    const { agent, script, params, timeoutSeconds, deliverWithinSeconds, retries } = body;
    // A field that is null is one that was left out.
    const limits = {
      timeoutSeconds: timeoutSeconds ?? undefined,
      deliverWithinSeconds: deliverWithinSeconds ?? undefined,
      // None is what a request without the field asks for.
      retries: retries || undefined,
    };
    const asked = {
      agent,
      script,
      params: params ?? {},
      ...limits,
      origin: 'api',
      traceparent: traceparentOf(request),
    } as const;
    const accepted = await this.runs.acceptOnce(asked, by, keyOf(request));
    return this.#answer(accepted, request, response);
  }

  async retry(id: string, by: Principal, request: Request, response: Response): Promise<RunDto> {
    return this.#answer(await this.runs.retry(id, by, keyOf(request), traceparentOf(request)), request, response);
  }

  async cancel(
    id: string,
    { why }: CancelRunDto,
    by: Principal,
    request: Request,
    response: Response,
  ): Promise<RunDto> {
    return this.answers.answer(await this.cancels.cancel(id, why ?? null, by), request, response);
  }

  async list({ limit, cursor, state, agent, script, retryOf }: RunQueryDto): Promise<RunPageDto> {
    const before = cursor === undefined ? null : asRunId(decodeCursor(cursor), 'the cursor is not one of this list');
    const runs = await this.runs.listRuns({
      limit: limit + 1,
      state: state ?? null,
      agent: agent ?? null,
      script: script ?? null,
      retryOf: retryOf === undefined ? null : asRunId(retryOf, 'retryOf is not the id of a run'),
      before,
    });
    const items = runs.slice(0, limit).map(toRunDto);
    return { items, next: runs.length > limit ? encodeCursor(items.at(-1)?.id ?? '') : null };
  }

  async show(id: string): Promise<RunDto> {
    return toRunDto(await this.runs.getRun(id));
  }

  #answer({ run, isReplayed }: Accepted, request: Request, response: Response): Promise<RunDto> {
    if (isReplayed) response.set('idempotent-replayed', 'true');
    return this.answers.answer(run, request, response);
  }
}

const keyOf = (request: Request): string | undefined => readOnceKey(request.headersDistinct['idempotency-key']);

function asRunId(text: string, fault: string): RunId {
  if (isRunId(text)) return text;
  throw new MeshError('request/malformed', fault);
}

import { Injectable } from '@nestjs/common';
import { isFinalState, MeshError, STREAMS } from '@scriptmesh/contracts';
import type { OutputQueryDto } from '@scriptmesh/contracts/dto';
import type { Request, Response } from 'express';
import { endOfOutput } from './domain/output-place.js';
import type { Run } from './domain/run.js';
import { readLastEventId, type Position } from './output-events.js';
import { OutputFollower } from './output-follower.js';
import { LINES, SERVER_SENT_EVENTS } from './output-form.js';
import { OutputPoller } from './output-poller.js';
import { OutputReader } from './output-reader.js';
import { readPreferredWait } from './prefer-header.js';
import { RunsService } from './runs.service.js';

const BYTES = 'application/octet-stream';
const FORMS = new Map([
  ['text/event-stream', SERVER_SENT_EVENTS],
  ['application/x-ndjson', LINES],
]);

/** Output in the words of the API: bytes as they are, at once or when there are some, or live in the form that the caller asks for. */
@Injectable()
export class OutputApi {
  constructor(
    private readonly runs: RunsService,
    private readonly reader: OutputReader,
    private readonly follower: OutputFollower,
    private readonly poller: OutputPoller,
  ) {}

  async send(id: string, query: OutputQueryDto, request: Request, response: Response): Promise<void> {
    const run = await this.runs.getRun(id);
    refusePruned(run);
    const form = FORMS.get(request.accepts([BYTES, ...FORMS.keys()]) || BYTES);
    if (form) {
      const from = readLastEventId(request.get('last-event-id'));
      refuseBeyondEnd(run, from);
      await this.follower.follow(run, from, response, form);
      return;
    }
    const waitSeconds = readPreferredWait(request.get('prefer'));
    if (waitSeconds === undefined) await this.reader.send(run, query.stream, query.offset, response);
    else await this.poller.send(run, query, waitSeconds, response);
  }
}

/** While a run goes on the output may come to that place; when it has ended somebody took a place of another run. */
function refuseBeyondEnd(run: Run, from: Position): void {
  const { id, state } = run;
  if (!isFinalState(state) || STREAMS.every((stream) => from[stream] <= endOfOutput(run, stream))) return;
  throw new MeshError('request/malformed', `the header Last-Event-ID names a place beyond the output of run ${id}`);
}

/** An empty answer would say that the script wrote nothing. */
function refusePruned({ id, outputPrunedAtMs }: Run): void {
  if (outputPrunedAtMs === null) return;
  const at = new Date(outputPrunedAtMs).toISOString();
  throw new MeshError('run/output-pruned', `the output of run ${id} was removed by retention at ${at}`);
}

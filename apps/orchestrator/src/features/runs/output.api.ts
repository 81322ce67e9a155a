import { Injectable } from '@nestjs/common';
import type { OutputQueryDto } from '@scriptmesh/contracts/dto';
import type { Request, Response } from 'express';
import { readLastEventId } from './output-events.js';
import { OutputFollower } from './output-follower.js';
import { OutputReader } from './output-reader.js';
import { RunsService } from './runs.service.js';

/** Output in the words of the API: bytes as they are, or live as server-sent events when the caller asks for them. */
@Injectable()
export class OutputApi {
  constructor(
    private readonly runs: RunsService,
    private readonly reader: OutputReader,
    private readonly follower: OutputFollower,
  ) {}

  async send(id: string, query: OutputQueryDto, request: Request, response: Response): Promise<void> {
    const run = await this.runs.getRun(id);
    if (request.accepts(['application/octet-stream', 'text/event-stream']) === 'text/event-stream') {
      await this.follower.follow(run, readLastEventId(request.get('last-event-id')), response);
      return;
    }
    await this.reader.send(run, query.stream, query.offset, response);
  }
}

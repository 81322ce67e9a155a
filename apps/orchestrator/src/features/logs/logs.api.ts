import { Injectable } from '@nestjs/common';
import { isName, MeshError, type LogAsk } from '@scriptmesh/contracts';
import type { LogPageDto, LogQueryDto } from '@scriptmesh/contracts/dto';
import type { Request, Response } from 'express';
import { readLogEventId } from './log-events.js';
import { LogFollower } from './log-follower.js';
import { LogReadings } from './log-readings.js';
import { LogSender } from './log-sender.js';
import type { LogSource } from './log-source.js';
import { LogSources } from './log-sources.js';

/** Logs in the words of the API: lists, text, or live as server-sent events when the caller asks for them. */
@Injectable()
export class LogsApi {
  constructor(
    private readonly sources: LogSources,
    private readonly readings: LogReadings,
    private readonly sender: LogSender,
    private readonly follower: LogFollower,
  ) {}

  async listOfAgent(nameOrId: string): Promise<LogPageDto> {
    return this.#list(await this.sources.ofAgent(nameOrId));
  }
  listOwn(): Promise<LogPageDto> {
    return this.#list(this.sources.own);
  }
  async sendOfAgent(nameOrId: string, log: string, query: LogQueryDto, request: Request, response: Response) {
    await this.#send(await this.sources.ofAgent(nameOrId), log, query, request, response);
  }
  async sendOwn(log: string, query: LogQueryDto, request: Request, response: Response): Promise<void> {
    await this.#send(this.sources.own, log, query, request, response);
  }

  async #list(source: LogSource): Promise<LogPageDto> {
    const { logs, faults } = await this.readings.hold(source.label, () => source.list());
    return { items: logs, next: null, manifestFaults: faults };
  }

  async #send(source: LogSource, log: string, query: LogQueryDto, request: Request, response: Response): Promise<void> {
    const ask = toAsk(log, query);
    const follows = request.accepts(['text/plain', 'text/event-stream']) === 'text/event-stream';
    if (follows && query.until !== undefined) {
      throw new MeshError('request/malformed', 'until cannot be combined with text/event-stream: what comes is later');
    }
    await this.readings.hold(source.label, () =>
      follows
        ? this.follower.follow(source, ask, readLogEventId(request.get('last-event-id')), response)
        : this.sender.send(source, ask, response),
    );
  }
}

function readLogName(log: string): string {
  if (!isName(log as unknown))
    throw new MeshError('log/not-found', `no log is called ${JSON.stringify(log.slice(0, 128))}`);
  return log;
}

function toAsk(log: string, { tail, file, since, until }: LogQueryDto): LogAsk {
  return {
    log: readLogName(log),
    file: file ?? null,
    fileId: null,
    tailLines: tail ?? null,
    fromOffset: null,
    sinceMs: toMs('since', since),
    untilMs: toMs('until', until),
    keeping: null,
  };
}

function toMs(field: string, time: string | undefined): number | null {
  if (time === undefined) return null;
  const ms = Date.parse(time);
  if (Number.isNaN(ms) || ms < 0) throw new MeshError('request/malformed', `${field}: there is no such time`);
  return ms;
}

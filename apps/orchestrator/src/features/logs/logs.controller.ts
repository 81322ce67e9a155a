import { applyDecorators, Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { LogPageDto, LogQueryDto } from '@scriptmesh/contracts/dto';
import type { Request, Response } from 'express';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { LogsApi } from './logs.api.js';

/** What reading a log is like in the API's document, whoever's it is. */
const DescribeReading = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'Last-Event-ID',
      required: false,
      description: 'Goes on after this event of a live stream',
      schema: { type: 'string' },
      example: '18204-0123456789abcdef',
    }),
    ApiProduces('text/plain', 'text/event-stream'),
    ApiOkResponse({
      schema: { type: 'string', example: '2026-01-02 03:04:05 order 17 paid\n' },
      description: 'The bytes as they are, or events: output, gap, waiting',
    }),
  );

@ApiTags('logs')
@Controller('api/v1')
export class LogsController {
  constructor(private readonly api: LogsApi) {}

  @Get('agents/:nameOrId/logs')
  @ApiOperation({ summary: "List the logs of an agent's log manifest, and its own" })
  @ApiOkResponse({ type: LogPageDto })
  @ApiProblems('agent/not-found', 'agent/unreachable', 'agent/busy', 'agent/bad-answer', 'request/too-many')
  listOfAgent(@Param('nameOrId') nameOrId: string): Promise<LogPageDto> {
    return this.api.listOfAgent(nameOrId);
  }

  @Get('agents/:nameOrId/logs/:log')
  @ApiOperation({ summary: 'Read a log of an agent, or follow it live with Accept: text/event-stream' })
  @DescribeReading()
  @ApiProblems(
    'agent/not-found',
    'log/not-found',
    'log/unreadable',
    'request/malformed',
    'agent/unreachable',
    'agent/busy',
    'agent/bad-answer',
    'request/too-many',
  )
  sendOfAgent(
    @Param('nameOrId') nameOrId: string,
    @Param('log') log: string,
    @Query() query: LogQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.api.sendOfAgent(nameOrId, log, query, request, response);
  }

  @Get('logs')
  @ApiOperation({ summary: "List the orchestrator's own logs" })
  @ApiOkResponse({ type: LogPageDto })
  @ApiProblems('request/too-many')
  listOwn(): Promise<LogPageDto> {
    return this.api.listOwn();
  }

  @Get('logs/:log')
  @ApiOperation({ summary: "Read the orchestrator's own log, or follow it live with Accept: text/event-stream" })
  @DescribeReading()
  @ApiProblems('log/not-found', 'log/unreadable', 'request/malformed', 'request/too-many')
  sendOwn(
    @Param('log') log: string,
    @Query() query: LogQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.api.sendOwn(log, query, request, response);
  }
}

import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '@scriptmesh/auth';
import { CreateRunDto, OutputQueryDto, RunDto, RunPageDto, RunQueryDto } from '@scriptmesh/contracts/dto';
import type { Request, Response } from 'express';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { OutputApi } from './output.api.js';
import { RunsApi } from './runs.api.js';

const PREFER = { name: 'Prefer', required: false, schema: { type: 'string' }, example: 'wait=30' } as const;

@ApiTags('runs')
@Controller('api/v1/runs')
export class RunsController {
  constructor(
    private readonly api: RunsApi,
    private readonly output: OutputApi,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Ask for a run of a script on an agent' })
  @ApiHeader({
    ...PREFER,
    description: 'wait=N answers with the finished run and its output when it ends within N seconds',
  })
  @ApiAcceptedResponse({ type: RunDto, description: 'Accepted; Location says where to look' })
  @ApiOkResponse({ type: RunDto, description: 'Finished, under Prefer: wait' })
  @ApiProblems(
    'request/malformed',
    'agent/not-found',
    'script/not-found',
    'params/invalid',
    'request/too-large',
    'request/unsupported-type',
    'queue/full',
  )
  create(
    @Body() body: CreateRunDto,
    @CurrentPrincipal() by: Principal,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunDto> {
    return this.api.create(body, by, request, response);
  }

  @Get()
  @ApiOperation({ summary: 'List runs, newest first' })
  @ApiOkResponse({ type: RunPageDto })
  @ApiProblems('request/malformed')
  list(@Query() query: RunQueryDto): Promise<RunPageDto> {
    return this.api.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a run' })
  @ApiOkResponse({ type: RunDto })
  @ApiProblems('run/not-found')
  show(@Param('id') id: string): Promise<RunDto> {
    return this.api.show(id);
  }

  @Get(':id/output')
  @ApiOperation({ summary: 'Read the output of a run, or follow it live with Accept: text/event-stream' })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Goes on after this event of a live stream',
    schema: { type: 'string' },
    example: '120-0',
  })
  @ApiProduces('application/octet-stream', 'text/event-stream')
  @ApiOkResponse({
    schema: { type: 'string', format: 'binary', example: 'hello\n' },
    description: 'The bytes as they are, or events: output, gap, end',
  })
  @ApiProblems('run/not-found', 'request/malformed')
  readOutput(
    @Param('id') id: string,
    @Query() query: OutputQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.output.send(id, query, request, response);
  }
}

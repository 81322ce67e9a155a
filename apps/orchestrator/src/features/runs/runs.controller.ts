import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '@scriptmesh/auth';
import { CancelRunDto, CreateRunDto, OutputQueryDto, RunDto, RunPageDto, RunQueryDto } from '@scriptmesh/contracts/dto';
import type { Request, Response } from 'express';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { OutputApi } from './output.api.js';
import { RunsApi } from './runs.api.js';

const REPLAYED = {
  headers: {
    'Idempotent-Replayed': {
      description: '`true` when the run was made by the same request before',
      schema: { type: 'string' as const, enum: ['true'] },
      example: 'true',
    },
  },
};
const ONCE = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Makes the request safe to repeat: for at least 24 hours the same request with the same key of the same caller is answered with the run that it made first. 1 to 255 printable ASCII characters',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  example: '1b4e28ba-2fa1-11d2-883f-0016d3cca427',
} as const;
const PREFER = { name: 'Prefer', required: false, schema: { type: 'string' }, example: 'wait=30' } as const;

const OUTPUT_PLACE = {
  'Output-Next-Offset': { description: 'Where to go on', schema: { type: 'integer', example: 120 } },
  'Output-Final': {
    description: 'The run has ended and no bytes are kept after these',
    schema: { type: 'boolean' },
  },
  'Output-Gap': {
    description:
      'Only where bytes are missing: how many the script wrote, and nobody kept, between these bytes and Output-Next-Offset',
    schema: { type: 'integer', minimum: 1, example: 131424 },
  },
} as const;

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
  @ApiHeader(ONCE)
  @ApiAcceptedResponse({ type: RunDto, description: 'Accepted; Location says where to look', ...REPLAYED })
  @ApiOkResponse({ type: RunDto, description: 'Finished, under Prefer: wait', ...REPLAYED })
  @ApiProblems(
    'request/malformed',
    'agent/not-found',
    'script/not-found',
    'params/invalid',
    'request/key-reused',
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

  @Post(':id/cancel')
  @ApiOperation({
    summary: 'Cancel a run: one that waits ends at once, one that was sent or runs ends when its agent answers',
  })
  @ApiHeader({ ...PREFER, description: 'wait=N answers with the run at its end when it ends within N seconds' })
  @ApiBody({ type: CancelRunDto, required: false })
  @ApiAcceptedResponse({ type: RunDto, description: 'The run as it is, with `cancelRequested`' })
  @ApiOkResponse({ type: RunDto, description: 'The run at its end, under Prefer: wait' })
  @ApiProblems('request/invalid', 'run/not-found', 'run/already-final', 'run/wrong-state')
  cancel(
    @Param('id') id: string,
    @Body() body: CancelRunDto,
    @CurrentPrincipal() by: Principal,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunDto> {
    return this.api.cancel(id, body, by, request, response);
  }

  @Post(':id/retry')
  @ApiOperation({ summary: 'Ask for the same again: a new run, for one that has ended' })
  @ApiHeader({
    ...PREFER,
    description: 'wait=N answers with the finished new run and its output when it ends within N seconds',
  })
  @ApiHeader(ONCE)
  @ApiAcceptedResponse({ type: RunDto, description: 'The new run; Location says where to look', ...REPLAYED })
  @ApiOkResponse({ type: RunDto, description: 'The new run at its end, under Prefer: wait', ...REPLAYED })
  @ApiProblems(
    'request/malformed',
    'request/key-reused',
    'run/not-found',
    'run/not-final',
    'agent/not-found',
    'script/not-found',
    'queue/full',
  )
  retry(
    @Param('id') id: string,
    @CurrentPrincipal() by: Principal,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunDto> {
    return this.api.retry(id, by, request, response);
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
  @ApiOperation({
    summary: 'Read the output of a run, or follow it live with Accept: text/event-stream or application/x-ndjson',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Goes on after this event of a live stream',
    schema: { type: 'string' },
    example: '120-0',
  })
  @ApiHeader({
    ...PREFER,
    description:
      'wait=N, without a live form: answers as soon as there are bytes beyond the offset, else 204 after N seconds',
  })
  @ApiProduces('application/octet-stream', 'text/event-stream', 'application/x-ndjson')
  @ApiOkResponse({
    schema: { type: 'string', format: 'binary', example: 'hello\n' },
    description: 'The bytes as they are, up to the first that was not kept; or events or lines: output, gap, end',
    headers: OUTPUT_PLACE,
  })
  @ApiNoContentResponse({ description: 'Under Prefer: wait: nothing beyond the offset', headers: OUTPUT_PLACE })
  @ApiProblems('run/not-found', 'run/output-pruned', 'request/malformed')
  readOutput(
    @Param('id') id: string,
    @Query() query: OutputQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.output.send(id, query, request, response);
  }
}

import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ExplanationDto, PageQueryDto, RunEventPageDto } from '@scriptmesh/contracts/dto';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { RunHistoryApi } from './run-history.api.js';

@ApiTags('runs')
@Controller('api/v1/runs')
export class RunHistoryController {
  constructor(private readonly api: RunHistoryApi) {}

  @Get(':id/events')
  @ApiOperation({ summary: 'List what happened to a run: each transition with its cause, oldest first' })
  @ApiOkResponse({ type: RunEventPageDto })
  @ApiProblems('run/not-found', 'request/malformed')
  list(@Param('id') id: string, @Query() query: PageQueryDto): Promise<RunEventPageDto> {
    return this.api.list(id, query);
  }

  @Get(':id/explain')
  @ApiOperation({ summary: 'Explain what became of a run: what happened, by which rule, what to do' })
  @ApiOkResponse({ type: ExplanationDto })
  @ApiProblems('run/not-found')
  explain(@Param('id') id: string): Promise<ExplanationDto> {
    return this.api.explain(id);
  }
}

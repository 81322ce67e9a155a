import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Open } from '@scriptmesh/auth';
import { HealthDto, ProbeQueryDto, StatusDto } from '@scriptmesh/contracts/dto';
import type { Response } from 'express';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { readVersion } from '../../version.js';
import { HealthService } from './health.service.js';
import { ProbeStream } from './probe-stream.js';

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly probe: ProbeStream,
  ) {}

  @Get()
  @Open()
  @ApiExcludeEndpoint()
  welcome(): { name: string; version: string; docs: string } {
    return { name: 'ScriptMesh orchestrator', version: readVersion(), docs: '/docs' };
  }

  @Get('livez')
  @Open()
  @ApiOperation({ summary: 'Whether the program answers at all' })
  @ApiOkResponse({ type: HealthDto })
  @ApiProblems()
  live(): HealthDto {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Open()
  @ApiOperation({ summary: 'Whether requests can be served: the store answers and the program is not stopping' })
  @ApiOkResponse({ type: HealthDto })
  @ApiProblems('store/unavailable', 'orchestrator/stopping')
  ready(): Promise<HealthDto> {
    return this.health.checkReady();
  }

  @Get('api/v1/status')
  @ApiOperation({ summary: 'The mesh at a glance' })
  @ApiOkResponse({ type: StatusDto })
  @ApiProblems()
  status(): Promise<StatusDto> {
    return this.health.getStatus();
  }

  @Get('api/v1/probe')
  @ApiOperation({
    summary: 'A stream that says begin, is silent, and says end: what does a proxy on the way do to streams?',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ schema: { type: 'string', example: 'event: begin\ndata: {"at":"2026-11-23T08:00:00.000Z"}\n\n' } })
  @ApiProblems('request/malformed')
  probeStreams(@Query() { silence }: ProbeQueryDto, @Res() response: Response): void {
    this.probe.send(silence, response);
  }
}

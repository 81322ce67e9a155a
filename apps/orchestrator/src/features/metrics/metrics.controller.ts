import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Metrics } from '@scriptmesh/metrics';
import type { Response } from 'express';
import { ApiProblems } from '../../http/api-problems.decorator.js';

@ApiTags('health')
@Controller()
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get('metrics')
  @ApiOperation({ summary: 'What the program counts, for Prometheus; the key may come as Authorization: Bearer' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string', example: 'scriptmesh_runs{state="queued"} 0\n' } })
  @ApiProblems()
  async show(@Res() response: Response): Promise<void> {
    const { contentType, text } = await this.metrics.render();
    response.set('content-type', contentType).send(text);
  }
}

import { Controller, Get, Res } from '@nestjs/common';
import { Metrics } from '@scriptmesh/metrics';
import type { Response } from 'express';

/** Behind the agent's key, like all that its door has but /livez. */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  async show(@Res() response: Response): Promise<void> {
    const { contentType, text } = await this.metrics.render();
    response.set('content-type', contentType).send(text);
  }
}

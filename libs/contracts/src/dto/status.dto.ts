import { ApiProperty } from '@nestjs/swagger';
import type { Liveness, RunState } from '../run-states.js';

export class HealthDto {
  @ApiProperty({ example: 'ok' }) status!: string;
}

export class StatusDto {
  @ApiProperty({ example: '1.0.0' }) version!: string;
  @ApiProperty({ example: '2026-11-23T08:00:00.000Z' }) startedAt!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { online: 3, suspect: 0, offline: 1, unknown: 0 },
  })
  agents!: Record<Liveness, number>;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { succeeded: 12, queued: 1 },
    description: 'Runs by state; states without runs are absent',
  })
  runs!: Partial<Record<RunState, number>>;
}

import { ApiProperty } from '@nestjs/swagger';
import type { AgentResource } from '../resources.js';
import { LIVENESS, type Liveness } from '../run-states.js';

export class AgentDto implements AgentResource {
  @ApiProperty({ example: '019b7600-0000-7000-8000-0000000000aa' }) id!: string;
  @ApiProperty({ example: 'db-3' }) name!: string;
  @ApiProperty({ nullable: true, type: String, example: 'http://10.0.0.7:5001' }) url!: string | null;
  @ApiProperty({ example: 'http' }) transport!: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { site: 'north' } })
  labels!: Record<string, string>;
  @ApiProperty({ type: 'object', additionalProperties: true, example: { platform: 'linux' } }) facts!: Record<
    string,
    unknown
  >;
  @ApiProperty({
    enum: LIVENESS,
    example: 'online',
    description: 'What the orchestrator believes; unknown before the first word',
  })
  liveness!: Liveness;
  @ApiProperty({ example: '2026-11-23T08:00:00.000Z' }) registeredAt!: string;
  @ApiProperty({ nullable: true, type: String, example: '2026-11-23T08:00:10.000Z' }) lastSeenAt!: string | null;
  @ApiProperty({
    nullable: true,
    type: Number,
    example: 8,
    description: 'Runs that may be started at once, as last told',
  })
  freeSlots!: number | null;
}

export class AgentPageDto {
  @ApiProperty({ type: [AgentDto], example: [] }) items!: AgentDto[];
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'Give it as `cursor`; null on the last page',
  })
  next!: string | null;
}

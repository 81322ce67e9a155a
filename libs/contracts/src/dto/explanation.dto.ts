import { ApiProperty } from '@nestjs/swagger';
import type { ExplanationResource } from '../resources.js';
import { RUN_CAUSES, type RunCause } from '../run-causes.js';
import { EXECUTED, RUN_STATES, type Executed, type RunState } from '../run-states.js';

export class ExplanationDto implements ExplanationResource {
  @ApiProperty({ example: '019b7600-0000-7000-8000-000000000001' }) run!: string;
  @ApiProperty({ enum: RUN_STATES, example: 'failed' }) state!: RunState;
  @ApiProperty({ enum: [...EXECUTED, null], type: String, nullable: true, example: 'yes' }) executed!: Executed | null;
  @ApiProperty({
    enum: [...RUN_CAUSES, null],
    type: String,
    nullable: true,
    example: 'result',
    description: 'What caused the last transition',
  })
  cause!: RunCause | null;
  @ApiProperty({
    example: 'The script backup ended by itself with exit code 3 on db-3 at 2026-11-23T08:00:02.000Z, after 2 s.',
    description: 'What happened, with the times and figures of this run',
  })
  summary!: string;
  @ApiProperty({
    example: 'failed: any exit code but 0.',
    description: 'The rule of the protocol that decided, and the settings it reads',
  })
  rule!: string;
  @ApiProperty({ example: 'Read what it wrote: "scriptmesh runs output ID".', description: 'What to do' })
  advice!: string;
}

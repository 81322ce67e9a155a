import { ApiProperty } from '@nestjs/swagger';
import type { Page, RunEventResource } from '../resources.js';
import { RUN_CAUSES, type RunCause } from '../run-causes.js';
import { EXECUTED, RUN_STATES, type Executed, type RunState } from '../run-states.js';

export class RunEventDto implements RunEventResource {
  @ApiProperty({ example: 18, description: 'Counts up over all of the audit' }) seq!: number;
  @ApiProperty({ example: '2026-11-23T08:00:00.058Z' }) at!: string;
  @ApiProperty({ example: 'transition', description: 'accepted, transition, or a decision about the run' })
  event!: string;
  @ApiProperty({ nullable: true, enum: [...RUN_STATES, null], type: String, example: 'running' })
  from!: RunState | null;
  @ApiProperty({
    nullable: true,
    enum: [...RUN_STATES, null],
    type: String,
    example: 'succeeded',
    description: 'null for a decision that moved nothing',
  })
  to!: RunState | null;
  @ApiProperty({
    nullable: true,
    enum: [...RUN_CAUSES, null],
    type: String,
    example: 'result',
    description: 'The decision or the message of the agent that moved the run; null where none was kept',
  })
  cause!: RunCause | null;
  @ApiProperty({
    example: 'agent:019b7600-0000-7000-8000-0000000000aa',
    description: 'Who: an operator, an agent, or the orchestrator itself',
  })
  principal!: string;
  @ApiProperty({ nullable: true, enum: [...EXECUTED, null], type: String, example: 'yes' })
  executed!: Executed | null;
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: "The run's reason, on the event that ended it",
  })
  reason!: string | null;
  @ApiProperty({ nullable: true, type: String, example: '019b7600-0000-7000-8000-000000000001' })
  requestId!: string | null;
}

export class RunEventPageDto implements Page<RunEventDto> {
  @ApiProperty({ type: [RunEventDto], example: [] }) items!: readonly RunEventDto[];
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'Give it as `cursor`; null on the last page',
  })
  next!: string | null;
}

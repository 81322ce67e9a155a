import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Page, RunResource } from '../resources.js';
import {
  EXECUTED,
  KILL_REASONS,
  ORIGINS,
  RUN_STATES,
  type Executed,
  type KillReason,
  type Origin,
  type RunState,
} from '../run-states.js';

/** What an agent said of a run after its end. */
export class LateResultDto {
  @ApiProperty({ enum: ['result', 'spawnFailed', 'lost'], example: 'result' }) kind!: string;
  @ApiProperty({ example: '2026-11-23T09:30:00.000Z' }) at!: string;
  @ApiProperty({ nullable: true, type: Number, example: 0 }) exitCode!: number | null;
  @ApiProperty({ nullable: true, type: String, example: null }) signal!: string | null;
  @ApiProperty({ nullable: true, enum: [...KILL_REASONS, null], type: String, example: null })
  killedBy!: KillReason | null;
  @ApiProperty({ nullable: true, type: String, example: null }) why!: string | null;
}

export class RunDto implements RunResource {
  @ApiProperty({ example: '019b7600-0000-7000-8000-000000000001' }) id!: string;
  @ApiProperty({ example: 'db-3', description: "The agent's name when the run was asked for" }) agent!: string;
  @ApiProperty({ example: 'hello_world' }) script!: string;
  @ApiProperty({ enum: RUN_STATES, example: 'succeeded' }) state!: RunState;
  @ApiProperty({
    enum: [...EXECUTED, null],
    type: String,
    nullable: true,
    example: 'yes',
    description: 'Was the script started? null while the run is live',
  })
  executed!: Executed | null;
  @ApiProperty({ nullable: true, type: Number, example: 0 }) exitCode!: number | null;
  @ApiProperty({ nullable: true, type: String, example: null, description: 'As in `SIGKILL`' }) signal!: string | null;
  @ApiProperty({ nullable: true, type: String, example: null, description: 'What happened, when it was not success' })
  reason!: string | null;
  @ApiProperty({
    example: false,
    description:
      'Output is missing: what was written beyond its limit, but for its end, or what was lost. Of a `lost` run, which may have written more, it is true',
  })
  truncated!: boolean;
  @ApiProperty({ type: 'object', additionalProperties: true, example: {} }) params!: Readonly<Record<string, unknown>>;
  @ApiProperty({ example: 'operator:main', description: 'Who asked for it' }) principal!: string;
  @ApiProperty({ enum: ORIGINS, example: 'api' }) origin!: Origin;
  @ApiProperty({ example: '2026-11-23T08:00:00.000Z' }) createdAt!: string;
  @ApiProperty({ nullable: true, type: String, example: '2026-11-23T08:00:00.012Z' }) startedAt!: string | null;
  @ApiProperty({ nullable: true, type: String, example: '2026-11-23T08:00:00.058Z' }) finishedAt!: string | null;
  @ApiProperty({ example: 13, description: 'Not counting what its agent did not keep' }) stdoutBytes!: number;
  @ApiProperty({ example: 0, description: 'Not counting what its agent did not keep' }) stderrBytes!: number;
  @ApiProperty({
    example: false,
    description: 'Somebody has cancelled it; while it is live, its agent has not answered yet',
  })
  cancelRequested!: boolean;
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'The run that this one was asked for in place of',
  })
  retryOf!: string | null;
  @ApiProperty({ example: 0, description: 'How often it may be tried again automatically, by new runs' })
  retries!: number;
  @ApiProperty({ example: 1, description: '1 for a run that was asked for, one more for each automatic one after it' })
  attempt!: number;
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'An automatic retry waits in the queue at least until then',
  })
  notBefore!: string | null;
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'The run that tries this one again automatically; there as soon as this one has ended',
  })
  retriedBy!: string | null;
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'When retention removed the output; the run itself is removed later',
  })
  outputPrunedAt!: string | null;
  @ApiProperty({
    nullable: true,
    type: LateResultDto,
    example: null,
    description: 'What the agent said after the end; the run itself does not change any more',
  })
  lateResult!: LateResultDto | null;
  @ApiPropertyOptional({ example: 'Hello, world!', description: 'Only with `Prefer: wait`: the first 64 KiB as text' })
  stdout?: string;
  @ApiPropertyOptional({ example: '', description: 'Only with `Prefer: wait`: the first 64 KiB as text' })
  stderr?: string;
}

export class RunPageDto implements Page<RunDto> {
  @ApiProperty({ type: [RunDto], example: [] }) items!: readonly RunDto[];
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'Give it as `cursor`; null on the last page',
  })
  next!: string | null;
}

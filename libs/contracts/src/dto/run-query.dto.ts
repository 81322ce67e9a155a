import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { RUN_STATES, type RunState } from '../run-states.js';
import { PageQueryDto } from './page-query.dto.js';

export class RunQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ enum: RUN_STATES, description: 'Only runs in this state', example: 'running' })
  @IsOptional()
  @IsIn(RUN_STATES, { message: `has to be one of ${RUN_STATES.join(', ')}` })
  state?: RunState;

  @ApiPropertyOptional({ description: 'Only runs of this agent, by name or id', example: 'db-3' })
  @IsOptional()
  @IsString({ message: 'has to be given once, as text' })
  @MaxLength(128, { message: 'is longer than any name' })
  agent?: string;

  @ApiPropertyOptional({ description: 'Only runs of this script', example: 'hello_world' })
  @IsOptional()
  @IsString({ message: 'has to be given once, as text' })
  @MaxLength(128, { message: 'is longer than any name' })
  script?: string;

  @ApiPropertyOptional({
    description: 'Only runs that were asked for in place of this one, by its id',
    example: '019b7600-0000-7000-8000-000000000001',
  })
  @IsOptional()
  @IsString({ message: 'has to be given once, as text' })
  @MaxLength(128, { message: 'is longer than any id' })
  retryOf?: string;
}

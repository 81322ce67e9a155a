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
}

import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min } from 'class-validator';
import { STREAMS, type Stream } from '../run-states.js';
import { WholeNumberQuery } from './whole-number-query.decorator.js';

export class OutputQueryDto {
  @ApiPropertyOptional({
    enum: STREAMS,
    default: 'stdout',
    example: 'stdout',
    description: 'Not asked for by event streams, which carry both',
  })
  @IsIn(STREAMS, { message: `has to be one of ${STREAMS.join(', ')}` })
  stream: Stream = 'stdout';

  @ApiPropertyOptional({
    minimum: 0,
    default: 0,
    example: 0,
    description: 'Bytes to leave out at the beginning; those that were not kept count, too',
  })
  @WholeNumberQuery()
  @IsInt({ message: 'has to be a whole number from 0 on' })
  @Min(0, { message: 'has to be a whole number from 0 on' })
  @Max(Number.MAX_SAFE_INTEGER, { message: 'is too large' })
  offset: number = 0;
}

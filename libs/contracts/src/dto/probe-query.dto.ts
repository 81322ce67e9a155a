import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { WholeNumberQuery } from './whole-number-query.decorator.js';

const LONGEST_SECONDS = 30;

export class ProbeQueryDto {
  @ApiPropertyOptional({
    minimum: 0,
    maximum: LONGEST_SECONDS,
    default: 6,
    example: 6,
    description: 'Seconds between the two events',
  })
  @WholeNumberQuery()
  @IsInt({ message: 'has to be a whole number of seconds' })
  @Min(0, { message: 'has to be at least 0' })
  @Max(LONGEST_SECONDS, { message: `has to be at most ${LONGEST_SECONDS}` })
  silence: number = 6;
}

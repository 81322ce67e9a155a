import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { LOG_TAIL_LINES } from '../logs.js';
import { WholeNumberQuery } from './whole-number-query.decorator.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
const TIME_RULE = 'has to be a time with its zone, as in 2026-01-02T03:04:05Z';
const TAIL_RULE = `has to be a whole number from 0 to ${LOG_TAIL_LINES}`;

export class LogQueryDto {
  @ApiPropertyOptional({
    minimum: 0,
    maximum: LOG_TAIL_LINES,
    example: 100,
    description: 'Only the last lines; an event stream begins with 10 unless told otherwise',
  })
  @IsOptional()
  @WholeNumberQuery()
  @IsInt({ message: TAIL_RULE })
  @Min(0, { message: TAIL_RULE })
  @Max(LOG_TAIL_LINES, { message: TAIL_RULE })
  tail?: number;

  @ApiPropertyOptional({ example: 'app-2026-01-02.log', description: 'A file of the log; the newest when absent' })
  @IsOptional()
  @IsString({ message: 'has to be given once, as text' })
  @MaxLength(255, { message: 'is longer than any file name' })
  @Matches(/^(?!\.{1,2}$)[^/\\\p{Cc}\p{Surrogate}]+$/u, { message: 'has to be a file name of the list' })
  file?: string;

  @ApiPropertyOptional({
    example: '2026-01-02T03:00:00Z',
    description: 'Only lines that begin with this time or a later one',
  })
  @IsOptional()
  @Matches(TIME, { message: TIME_RULE })
  since?: string;

  @ApiPropertyOptional({
    example: '2026-01-02T04:00:00Z',
    description: 'Only lines that begin with this time or an earlier one',
  })
  @IsOptional()
  @Matches(TIME, { message: TIME_RULE })
  until?: string;
}

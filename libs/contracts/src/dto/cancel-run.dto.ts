import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';

/** One line: it stands in reasons, tables and the audit. */
const ONE_LINE = /^[^\p{Cc}\p{Surrogate}]*$/u;

export class CancelRunDto {
  /** Read by the validation: a request without a body is one with `{}`. */
  static readonly mayBeLeftOut = true;

  @ApiPropertyOptional({ description: 'Why, for those who look at the run later', example: 'wrong host' })
  @IsOptional()
  @IsString({ message: 'has to be a text' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(500, { message: 'has to be at most 500 characters' })
  @Matches(ONE_LINE, { message: 'has to be one line without control characters' })
  why?: string;
}

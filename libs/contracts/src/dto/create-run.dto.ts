import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsDefined,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';

const A_YEAR_SECONDS = 31_536_000;
const THIRTY_DAYS_SECONDS = 2_592_000;
const MOST_RETRIES = 10;
const MALFORMED = { malformed: true };
/** What might be a name. A word that no manifest can list, such as `__proto__`, is well-formed and simply not found. */
const ONE_WORD = /^(?!.*\.\.)[\w.@-]{1,128}$/;

export class CreateRunDto {
  @ApiProperty({ description: 'Name or id of the agent', example: 'db-3' })
  @IsString({ message: 'has to be the name or id of an agent', context: MALFORMED })
  @MinLength(1, { message: 'must not be empty', context: MALFORMED })
  @MaxLength(128, { message: 'is longer than any name', context: MALFORMED })
  agent!: string;

  @ApiProperty({ description: "Name of a script of the agent's manifest", example: 'hello_world' })
  @IsDefined({ message: 'is missing', context: MALFORMED })
  @IsString({ message: 'has to be the name of a script', context: MALFORMED })
  @Matches(ONE_WORD, { message: 'has to be the name of a script, not a path', context: MALFORMED })
  script!: string;

  @ApiPropertyOptional({
    description:
      'Texts, numbers and booleans; at most 32 KiB each and 256 KiB together. The script gets them as SM_PARAM_<NAME>',
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    example: {},
  })
  @IsOptional()
  @IsObject({ message: 'has to be an object' })
  params?: Record<string, unknown>;

  @ApiPropertyOptional({
    description: "How long the script may run; the node's own limit holds when it is smaller",
    minimum: 1,
    maximum: A_YEAR_SECONDS,
    example: 60,
  })
  @IsOptional()
  @IsInt({ message: 'has to be a whole number of seconds' })
  @Min(1, { message: 'has to be at least 1' })
  @Max(A_YEAR_SECONDS, { message: `has to be at most ${A_YEAR_SECONDS}` })
  timeoutSeconds?: number;

  @ApiPropertyOptional({
    description: 'How long the run waits for its agent before it expires',
    minimum: 1,
    maximum: THIRTY_DAYS_SECONDS,
    example: 600,
  })
  @IsOptional()
  @IsInt({ message: 'has to be a whole number of seconds' })
  @Min(1, { message: 'has to be at least 1' })
  @Max(THIRTY_DAYS_SECONDS, { message: `has to be at most ${THIRTY_DAYS_SECONDS}` })
  deliverWithinSeconds?: number;

  @ApiPropertyOptional({
    description:
      'How often a run that did not succeed is tried again, by a new run after 5, 10, 20 ... 300 s: always when nothing was executed, otherwise only when the manifest says `idempotent: true`; never after a cancel',
    minimum: 0,
    maximum: MOST_RETRIES,
    example: 0,
  })
  @IsOptional()
  @IsInt({ message: 'has to be a whole number' })
  @Min(0, { message: 'has to be at least 0' })
  @Max(MOST_RETRIES, { message: `has to be at most ${MOST_RETRIES}` })
  retries?: number;
}

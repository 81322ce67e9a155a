import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { WholeNumberQuery } from './whole-number-query.decorator.js';

/** The query of every list. A name given twice comes as an array and fails. */
export class PageQueryDto {
  @ApiPropertyOptional({ description: 'Items on a page', minimum: 1, maximum: 500, default: 50, example: 50 })
  @WholeNumberQuery()
  @IsInt({ message: 'has to be a whole number from 1 to 500' })
  @Min(1, { message: 'has to be a whole number from 1 to 500' })
  @Max(500, { message: 'has to be a whole number from 1 to 500' })
  limit: number = 50;

  @ApiPropertyOptional({ description: 'Where the next page begins: the `next` of the page before', example: 'ZGItMw' })
  @IsOptional()
  @IsString({ message: 'has to be given once, as text' })
  @MaxLength(512, { message: 'is longer than any cursor' })
  cursor?: string;
}

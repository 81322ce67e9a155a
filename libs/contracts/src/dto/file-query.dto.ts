import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { PageQueryDto } from './page-query.dto.js';

const ONCE = { message: 'has to be given once, as text' };

export class FileListQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    description: 'The folder; the data folder itself when absent',
    default: '',
    example: 'reports',
  })
  @IsString(ONCE)
  path: string = '';
}

export class FileContentQueryDto {
  @ApiProperty({ description: 'The file, from the data folder down', example: 'reports/today.csv' })
  @IsString(ONCE)
  path!: string;
}

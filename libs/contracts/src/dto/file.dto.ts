import { ApiProperty } from '@nestjs/swagger';
import { FILE_KINDS, type FileKind, type FileResource } from '../resources.js';

export class FileDto implements FileResource {
  @ApiProperty({ example: 'today.csv' }) name!: string;
  @ApiProperty({ example: 'reports/today.csv', description: 'Give it as `path` to read the file or list the folder' })
  path!: string;
  @ApiProperty({ enum: FILE_KINDS, example: 'file' }) kind!: FileKind;
  @ApiProperty({ nullable: true, type: Number, example: 2048, description: 'null for a folder' })
  bytes!: number | null;
  @ApiProperty({ example: '2026-11-23T08:00:00.000Z' }) modifiedAt!: string;
}

export class FilePageDto {
  @ApiProperty({
    type: [FileDto],
    example: [
      {
        name: 'today.csv',
        path: 'reports/today.csv',
        kind: 'file',
        bytes: 2048,
        modifiedAt: '2026-11-23T08:00:00.000Z',
      },
    ],
    description: 'By name; a page may hold fewer than `limit` although more follow',
  })
  items!: FileDto[];
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'Give it as `cursor`; null on the last page',
  })
  next!: string | null;
}

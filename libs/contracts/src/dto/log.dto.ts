import { ApiProperty } from '@nestjs/swagger';
import type { LogFileResource, LogResource } from '../logs.js';

export class LogFileDto implements LogFileResource {
  @ApiProperty({ example: 'app-2026-01-02.log' }) name!: string;
  @ApiProperty({ example: 18_204 }) bytes!: number;
  @ApiProperty({ example: '2026-01-02T03:04:05.000Z' }) modifiedAt!: string;
}

export class LogDto implements LogResource {
  @ApiProperty({ example: 'app' }) name!: string;
  @ApiProperty({ nullable: true, type: String, example: 'The web shop' }) description!: string | null;
  @ApiProperty({ example: 8_388_608, description: 'Only so many bytes at the end of each file are shown' })
  maxBytes!: number;
  @ApiProperty({
    type: [LogFileDto],
    description: 'Newest first',
    example: [{ name: 'app-2026-01-02.log', bytes: 18_204, modifiedAt: '2026-01-02T03:04:05.000Z' }],
  })
  files!: readonly LogFileDto[];
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'Why there is nothing, or not all, to read',
  })
  problem!: string | null;
}

export class LogPageDto {
  @ApiProperty({ type: [LogDto], example: [] }) items!: readonly LogDto[];
  @ApiProperty({ nullable: true, type: String, example: null }) next!: string | null;
  @ApiProperty({ type: [String], example: [], description: 'Faults of cfg/log_manifest.json with their places' })
  manifestFaults!: readonly string[];
}

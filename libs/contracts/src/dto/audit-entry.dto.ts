import { ApiProperty } from '@nestjs/swagger';

export class AuditEntryDto {
  @ApiProperty({ example: 17, description: 'Counts up' }) seq!: number;
  @ApiProperty({ example: '2026-11-23T08:00:00.000Z' }) at!: string;
  @ApiProperty({ example: 'operator:main' }) principal!: string;
  @ApiProperty({ example: 'agent.registered' }) action!: string;
  @ApiProperty({ example: 'agent' }) subjectKind!: string;
  @ApiProperty({ example: '019b7600-0000-7000-8000-0000000000aa' }) subject!: string;
  @ApiProperty({ type: 'object', additionalProperties: true, example: { name: 'db-3' } }) detail!: Readonly<
    Record<string, unknown>
  >;
  @ApiProperty({ nullable: true, type: String, example: '019b7600-0000-7000-8000-000000000001' }) requestId!:
    string | null;
}

export class AuditPageDto {
  @ApiProperty({ type: [AuditEntryDto], example: [] }) items!: readonly AuditEntryDto[];
  @ApiProperty({ nullable: true, type: String, example: null }) next!: string | null;
}

import { ApiProperty } from '@nestjs/swagger';
import type { CatalogueScriptResource, ScriptResource } from '../resources.js';

export class ScriptDto implements ScriptResource {
  @ApiProperty({ example: 'hello_world' }) name!: string;
  @ApiProperty({ example: 'scripts/hello_world.py' }) path!: string;
  @ApiProperty({ nullable: true, type: String, example: 'Says hello' }) description!: string | null;
  @ApiProperty({ nullable: true, type: String, example: 'python3' }) interpreter!: string | null;
  @ApiProperty({ nullable: true, type: Number, example: 60 }) timeoutSeconds!: number | null;
  @ApiProperty({ nullable: true, type: Number, example: 1 }) maxConcurrent!: number | null;
  @ApiProperty({
    example: false,
    description: 'Running it again does no harm: a failed run with retries left is tried again',
  })
  idempotent!: boolean;
  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'Why the agent would refuse it now; null when it may run',
  })
  problem!: string | null;
}

export class ScriptPageDto {
  @ApiProperty({ type: [ScriptDto], example: [] }) items!: ScriptDto[];
  @ApiProperty({ nullable: true, type: String, example: null }) next!: string | null;
  @ApiProperty({ type: [String], example: [], description: 'Faults of the manifest with their places' })
  manifestFaults!: readonly string[];
}

export class CatalogueScriptDto implements CatalogueScriptResource {
  @ApiProperty({ example: 'hello_world' }) name!: string;
  @ApiProperty({ nullable: true, type: String, example: 'Says hello' }) description!: string | null;
  @ApiProperty({ type: [String], example: ['db-3', 'web-1'] }) agents!: readonly string[];
}

export class CatalogueScriptPageDto {
  @ApiProperty({ type: [CatalogueScriptDto], example: [] }) items!: CatalogueScriptDto[];
  @ApiProperty({ nullable: true, type: String, example: null }) next!: string | null;
}

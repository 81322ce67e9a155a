import { ApiProperty } from '@nestjs/swagger';
import { IsLabelMap } from './is-label-map.decorator.js';

export class LabelAgentDto {
  @ApiProperty({
    description: 'Labels to set; null takes one away; others stay',
    type: 'object',
    additionalProperties: { type: 'string', nullable: true },
    example: { site: 'north', old: null },
  })
  @IsLabelMap(true)
  labels!: Record<string, string | null>;
}

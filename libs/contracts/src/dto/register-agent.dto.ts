import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { IsLabelMap } from './is-label-map.decorator.js';
import { IsMeshName } from './is-mesh-name.decorator.js';

export class RegisterAgentDto {
  @ApiProperty({ description: "The agent's name, unique without regard to case", example: 'db-3' })
  @IsMeshName()
  name!: string;

  @ApiPropertyOptional({
    description: 'Where the agent listens; absent when only the agent dials',
    example: 'http://10.0.0.7:5001',
    nullable: true,
    type: String,
  })
  @IsOptional()
  @IsString({ message: 'has to be an address as text', context: { malformed: true } })
  @MaxLength(2048, { message: 'is longer than 2048 characters', context: { malformed: true } })
  url?: string | null;

  @ApiProperty({
    description: "The agent's own key",
    minLength: 32,
    example: 'an-example-key-that-is-never-a-real-one-123',
  })
  @IsString({ message: 'has to be a text' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(512, { message: 'is longer than 512 characters' })
  @Matches(/^[\x21-\x7e]*$/, { message: 'holds blanks, control characters or characters beyond ASCII' })
  key!: string;

  @ApiProperty({
    description: 'How the agent speaks with the orchestrator',
    enum: ['http', 'websocket'],
    example: 'http',
  })
  @IsString({ message: 'has to be a text' })
  @MaxLength(32, { message: 'is longer than 32 characters' })
  transport!: string;

  @ApiPropertyOptional({
    description: 'Labels; absent leaves them as they are',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { site: 'north' },
  })
  @IsOptional()
  @IsLabelMap(false)
  labels?: Record<string, string>;

  @ApiPropertyOptional({
    description: 'What the agent tells of its node',
    type: 'object',
    additionalProperties: true,
    example: { platform: 'linux' },
  })
  @IsOptional()
  @IsObject({ message: 'has to be an object' })
  facts?: Record<string, unknown>;
}

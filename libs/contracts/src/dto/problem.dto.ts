import { ApiProperty } from '@nestjs/swagger';
import type { FieldFault } from '../mesh-error.js';
import type { Problem } from '../problem.js';

export class FieldFaultDto implements FieldFault {
  @ApiProperty({ example: 'params.host' }) path!: string;
  @ApiProperty({ example: 'is missing' }) message!: string;
}

export class ProblemDto implements Problem {
  @ApiProperty({ example: 'https://scriptmesh.dev/errors/agent/not-found' }) type!: string;
  @ApiProperty({ example: 'No such agent' }) title!: string;
  @ApiProperty({ example: 404 }) status!: number;
  @ApiProperty({ example: 'no agent has the name or id "db-9"', description: 'What happened and why' }) detail!: string;
  @ApiProperty({ example: 'agent/not-found', description: 'For programs' }) code!: string;
  @ApiProperty({ example: 'List the agents: "scriptmesh agents list".', description: 'What to do' }) hint!: string;
  @ApiProperty({ example: '019b7600-0000-7000-8000-000000000001', description: 'Stands in the logs, too' })
  requestId!: string;
  @ApiProperty({ type: [FieldFaultDto], example: [] }) errors!: readonly FieldFaultDto[];
}

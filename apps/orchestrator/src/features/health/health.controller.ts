import { Controller, Get } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Open } from '@scriptmesh/auth';
import { HealthDto, StatusDto } from '@scriptmesh/contracts/dto';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { readVersion } from '../../version.js';
import { HealthService } from './health.service.js';

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  @Open()
  @ApiExcludeEndpoint()
  welcome(): { name: string; version: string; docs: string } {
    return { name: 'ScriptMesh orchestrator', version: readVersion(), docs: '/docs' };
  }

  @Get('livez')
  @Open()
  @ApiOperation({ summary: 'Whether the program answers at all' })
  @ApiOkResponse({ type: HealthDto })
  @ApiProblems()
  live(): HealthDto {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Open()
  @ApiOperation({ summary: 'Whether requests can be served: the store answers and the program is not stopping' })
  @ApiOkResponse({ type: HealthDto })
  @ApiProblems('store/unavailable', 'orchestrator/stopping')
  ready(): Promise<HealthDto> {
    return this.health.checkReady();
  }

  @Get('api/v1/status')
  @ApiOperation({ summary: 'The mesh at a glance' })
  @ApiOkResponse({ type: StatusDto })
  @ApiProblems()
  status(): Promise<StatusDto> {
    return this.health.getStatus();
  }
}

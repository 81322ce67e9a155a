import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditPageDto, PageQueryDto } from '@scriptmesh/contracts/dto';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { AuditApi } from './audit.api.js';

@ApiTags('audit')
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly api: AuditApi) {}

  @Get()
  @ApiOperation({ summary: 'Read the audit, newest first' })
  @ApiOkResponse({ type: AuditPageDto })
  @ApiProblems('request/malformed')
  list(@Query() query: PageQueryDto): Promise<AuditPageDto> {
    return this.api.list(query);
  }
}

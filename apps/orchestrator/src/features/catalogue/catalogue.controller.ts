import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CatalogueScriptPageDto, PageQueryDto, ScriptPageDto } from '@scriptmesh/contracts/dto';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { CatalogueApi } from './catalogue.api.js';

@ApiTags('scripts')
@Controller('api/v1')
export class CatalogueController {
  constructor(private readonly api: CatalogueApi) {}

  @Get('agents/:nameOrId/scripts')
  @ApiOperation({ summary: "List the scripts of an agent's manifest" })
  @ApiOkResponse({ type: ScriptPageDto })
  @ApiProblems('agent/not-found', 'request/malformed')
  listOfAgent(@Param('nameOrId') nameOrId: string, @Query() query: PageQueryDto): Promise<ScriptPageDto> {
    return this.api.listOfAgent(nameOrId, query);
  }

  @Get('scripts')
  @ApiOperation({ summary: 'List the scripts of all agents' })
  @ApiOkResponse({ type: CatalogueScriptPageDto })
  @ApiProblems('request/malformed')
  list(@Query() query: PageQueryDto): Promise<CatalogueScriptPageDto> {
    return this.api.list(query);
  }
}

import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Registrant, type Principal } from '@scriptmesh/auth';
import { AgentDto, AgentPageDto, LabelAgentDto, PageQueryDto, RegisterAgentDto } from '@scriptmesh/contracts/dto';
import type { Response } from 'express';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { RegistryApi } from './registry.api.js';

@ApiTags('agents')
@Controller('api/v1/agents')
export class RegistryController {
  constructor(private readonly api: RegistryApi) {}

  @Post()
  @Registrant()
  @ApiOperation({ summary: 'Register an agent, or the same one again with the key it has' })
  @ApiCreatedResponse({ type: AgentDto, description: 'A new agent' })
  @ApiOkResponse({ type: AgentDto, description: 'A known agent, brought up to date' })
  @ApiProblems('request/malformed', 'request/invalid', 'agent/url-refused', 'agent/name-taken', 'auth/forbidden')
  register(
    @Body() body: RegisterAgentDto,
    @CurrentPrincipal() by: Principal,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AgentDto> {
    return this.api.register(body, by, response);
  }

  @Get()
  @ApiOperation({ summary: 'List agents in the order of their names' })
  @ApiOkResponse({ type: AgentPageDto })
  @ApiProblems('request/malformed')
  list(@Query() query: PageQueryDto): Promise<AgentPageDto> {
    return this.api.list(query);
  }

  @Get(':nameOrId')
  @ApiOperation({ summary: 'Show an agent' })
  @ApiOkResponse({ type: AgentDto })
  @ApiProblems('agent/not-found')
  show(@Param('nameOrId') nameOrId: string): Promise<AgentDto> {
    return this.api.show(nameOrId);
  }

  @Patch(':nameOrId')
  @ApiOperation({ summary: 'Set labels; null takes one away' })
  @ApiOkResponse({ type: AgentDto })
  @ApiProblems('agent/not-found', 'request/malformed', 'request/invalid')
  label(
    @Param('nameOrId') nameOrId: string,
    @Body() body: LabelAgentDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<AgentDto> {
    return this.api.label(nameOrId, body, by);
  }

  @Delete(':nameOrId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove an agent; its live runs end, its key is worth nothing' })
  @ApiNoContentResponse({ description: 'Removed' })
  @ApiProblems('agent/not-found')
  remove(@Param('nameOrId') nameOrId: string, @CurrentPrincipal() by: Principal): Promise<void> {
    return this.api.remove(nameOrId, by);
  }
}

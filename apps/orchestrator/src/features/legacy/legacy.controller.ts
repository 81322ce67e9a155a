import { Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '@scriptmesh/auth';
import type { Request, Response } from 'express';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { AgentsOf02 } from './agents-of-02.js';
import { FilesOf02 } from './files-of-02.js';
import { EXAMPLES, TEXTS } from './legacy.examples.js';
import { ScriptsOf02 } from './scripts-of-02.js';
import { RegistrationOf02 } from './registration-of-02.js';
import { goneOf, sendReply } from './send-reply.js';
import { TriggerOf02 } from './trigger-of-02.js';

type Parameters = Readonly<Record<string, unknown>>;

@ApiTags('ScriptMesh 0.2')
@Controller()
export class LegacyController {
  constructor(
    private readonly agents: AgentsOf02,
    private readonly registrations: RegistrationOf02,
    private readonly scripts: ScriptsOf02,
    private readonly triggers: TriggerOf02,
    private readonly files: FilesOf02,
  ) {}

  @Get('health')
  @ApiOperation({ summary: '0.2: a sign of life with the number of agents' })
  @ApiOkResponse({ schema: EXAMPLES.health })
  @ApiProblems()
  async health(@Res() response: Response): Promise<void> {
    sendReply(response, await this.agents.health());
  }

  @Post('register-agent')
  @ApiOperation({ summary: '0.2: register an agent' })
  @ApiBody({ schema: TEXTS.registration })
  @ApiOkResponse({ schema: EXAMPLES.registered })
  @ApiProblems('request/unsupported-type', 'request/too-large', 'agent/name-taken')
  async register(@Req() { body }: Request, @CurrentPrincipal() by: Principal, @Res() response: Response) {
    sendReply(response, await this.registrations.register(body, by));
  }

  @Get('get-agents')
  @ApiOperation({ summary: '0.2: list the agents in the order of their registration' })
  @ApiOkResponse({ schema: EXAMPLES.agents })
  @ApiProblems()
  async listAgents(@Res() response: Response): Promise<void> {
    sendReply(response, await this.agents.list());
  }

  @Get('agent-status')
  @ApiOperation({ summary: '0.2: what the last sweep found' })
  @ApiOkResponse({ schema: EXAMPLES.status })
  @ApiProblems()
  async showStatus(@Res() response: Response): Promise<void> {
    sendReply(response, await this.agents.status());
  }

  @Get('get-scripts')
  @ApiOperation({ summary: "0.2: an agent's manifest" })
  @ApiQuery({ name: 'agent', schema: { type: 'string', example: 'db-3' } })
  @ApiOkResponse({ schema: EXAMPLES.scripts })
  @ApiProblems()
  async listScripts(@Query() query: Parameters, @Res() response: Response): Promise<void> {
    sendReply(response, await this.scripts.list(query));
  }

  @Get('read')
  @ApiOperation({ summary: '0.2: a text file of the data folder' })
  @ApiQuery({ name: 'filename', schema: { type: 'string', example: 'notes.txt' } })
  @ApiOkResponse({ schema: EXAMPLES.file })
  @ApiProblems()
  async readFile(@Query() query: Parameters, @Res() response: Response): Promise<void> {
    sendReply(response, await this.files.read(query));
  }

  @Post('trigger-script')
  @ApiOperation({ summary: '0.2: run a script and wait for its end' })
  @ApiBody({ schema: TEXTS.trigger })
  @ApiOkResponse({ schema: EXAMPLES.triggered })
  @ApiProblems('request/unsupported-type', 'request/too-large')
  async trigger(@Req() { body }: Request, @CurrentPrincipal() by: Principal, @Res() response: Response) {
    sendReply(response, await this.triggers.trigger(body, by, goneOf(response)));
  }
}

import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AgentOnly } from '@scriptmesh/auth';
import type { AgentId } from '@scriptmesh/contracts';
import type { Request, Response } from 'express';
import { SocketDoor } from './socket-door.js';

/** The door through which agents open their WebSockets. Programs of ScriptMesh use it, nobody else, so it is not in the API's document. */
@ApiExcludeController()
@Controller('api/v1/agents')
export class AgentSocketController {
  constructor(private readonly door: SocketDoor) {}

  /** The response is asked for so that Nest writes none. */
  @Get(':agentId/socket')
  @AgentOnly()
  open(@Param('agentId') agentId: AgentId, @Req() request: Request, @Res() _response: Response): void {
    this.door.open(agentId, request);
  }
}

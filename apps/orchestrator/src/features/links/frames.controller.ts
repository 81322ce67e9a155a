import { Controller, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AgentOnly } from '@scriptmesh/auth';
import type { AgentId } from '@scriptmesh/contracts';
import { FRAMES_CONTENT_TYPE } from '@scriptmesh/transport';
import type { Request } from 'express';
import { FrameDoor } from './frame-door.js';

/** The door through which agents bring their frames. Programs of ScriptMesh use it, nobody else, so it is not in the API's document. */
@ApiExcludeController()
@Controller('api/v1/agents')
export class FramesController {
  constructor(private readonly door: FrameDoor) {}

  @Post(':agentId/frames')
  @AgentOnly()
  @HttpCode(200)
  @Header('content-type', FRAMES_CONTENT_TYPE)
  exchange(
    @Param('agentId') agentId: AgentId,
    @Req() request: Request,
  ): Promise<import('@nestjs/common').StreamableFile> {
    return this.door.exchange(agentId, request.body);
  }
}

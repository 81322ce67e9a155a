import { All, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { MeshError, type LegacyReply } from '@scriptmesh/contracts';
import type { Request, Response } from 'express';
import { LegacyService } from './legacy.service.js';

/** What an orchestrator of ScriptMesh 0.2 calls. The key was checked before. */
@Controller()
export class LegacyController {
  constructor(private readonly legacy: LegacyService) {}

  @Get('heartbeat')
  heartbeat(@Res() response: Response): void {
    send(response, this.legacy.heartbeat());
  }

  @Get('get-scripts')
  async listScripts(@Res() response: Response): Promise<void> {
    send(response, await this.legacy.listScripts());
  }

  @Post('run-script')
  async run(@Req() { body }: Request, @Res() response: Response): Promise<void> {
    send(response, await this.legacy.run(body));
  }

  @All(['heartbeat', 'get-scripts', 'run-script'])
  refuse(@Req() { path }: Request, @Res() response: Response): never {
    response.setHeader('allow', path.startsWith('/run-script') ? 'POST' : 'GET, HEAD');
    throw new MeshError('route/method-not-allowed', 'this route has another method');
  }
}

/** 0.2 names no charset, so the bytes are sent as they are. */
function send(response: Response, { status, json }: LegacyReply): void {
  response.status(status).setHeader('content-type', 'application/json');
  response.end(Buffer.from(json));
}

import { All, Body, Controller, Headers, HttpCode, Post, type StreamableFile } from '@nestjs/common';
import { FrameDoor } from './frame-door.js';

/** Where the orchestrator posts its lists of frames. The key was checked before. */
@Controller('api/v1/frames')
export class FramesController {
  constructor(private readonly door: FrameDoor) {}

  @Post()
  @HttpCode(200)
  receive(@Headers() headers: Record<string, unknown>, @Body() body: unknown): Promise<StreamableFile> {
    return this.door.receive(headers, body);
  }

  @All()
  refuse(): never {
    return this.door.refuseMethod();
  }
}

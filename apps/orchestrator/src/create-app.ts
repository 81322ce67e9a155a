import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { NestLogAdapter } from '@scriptmesh/logging';
import { AppModule } from './app.module.js';
import { EdgeAdapter } from './http/edge-adapter.js';
import { putEdgeOn } from './http/edge.js';
import type { Surroundings } from './surroundings.module.js';

/** The orchestrator's Nest application with its whole HTTP edge, not yet listening. */
export async function createApp(surroundings: Surroundings): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.with(surroundings),
    new EdgeAdapter(surroundings.settings),
    { bodyParser: false, abortOnError: false, logger: new NestLogAdapter(surroundings.log) },
  );
  putEdgeOn(app);
  return app;
}

/** Health says whether the orchestrator lives and serves, and shows the mesh at a glance. It changes nothing. Called from outside only. */
import { Module } from '@nestjs/common';
import { HeartbeatModule } from '../heartbeat/index.js';
import { RegistryModule } from '../registry/index.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { ProbeStream } from './probe-stream.js';

@Module({
  imports: [RegistryModule, HeartbeatModule],
  controllers: [HealthController],
  providers: [HealthService, ProbeStream],
})
export class HealthModule {}

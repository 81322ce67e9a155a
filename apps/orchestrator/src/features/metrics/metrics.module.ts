/**
 * Metrics shows what the orchestrator counts, and reads the mesh's state when somebody looks.
 * It changes nothing. Nothing imports it but the program's wiring, which puts its store in place; the edge, the links
 * and the store count for themselves through the port `Metrics`.
 */
import { Module } from '@nestjs/common';
import { HeartbeatModule } from '../heartbeat/index.js';
import { RegistryModule } from '../registry/index.js';
import { RunsModule } from '../runs/index.js';
import { HostMetrics } from './host-metrics.js';
import { MeshMetrics } from './mesh-metrics.js';
import { MetricsController } from './metrics.controller.js';
import { RunMetrics } from './run-metrics.js';
import { SweepMetrics } from './sweep-metrics.js';

@Module({
  imports: [HeartbeatModule, RegistryModule, RunsModule],
  controllers: [MetricsController],
  providers: [HostMetrics, MeshMetrics, RunMetrics, SweepMetrics],
})
export class MetricsModule {}

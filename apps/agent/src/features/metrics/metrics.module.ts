/**
 * Metrics shows what the agent counts, and reads slots, spool and manifest when somebody looks.
 * It changes nothing and nothing imports it. An agent that only dials out opens no port, so nobody can look there.
 */
import { Module } from '@nestjs/common';
import { ExecutionModule } from '../execution/index.js';
import { JournalModule } from '../journal/index.js';
import { ManifestModule } from '../manifest/index.js';
import { MetricsController } from './metrics.controller.js';
import { NodeMetrics } from './node-metrics.js';
import { RunMetrics } from './run-metrics.js';

@Module({
  imports: [ExecutionModule, JournalModule, ManifestModule],
  controllers: [MetricsController],
  providers: [NodeMetrics, RunMetrics],
})
export class MetricsModule {}

/**
 * Legacy-calls speaks to agents of ScriptMesh 0.2 over their three calls: heartbeat, get-scripts, run-script.
 * It draws no conclusions about runs (dispatch does) nor about who lives (heartbeat does).
 * Called by the sweep, by the dispatch strategy `legacy` and by the 0.2 routes.
 */
import { Module } from '@nestjs/common';
import { RegistryModule } from '../registry/index.js';
import { HttpLegacyCalls } from './adapters/http-legacy-calls.js';
import { LegacyAgentCalls } from './legacy-agent-calls.js';

@Module({
  imports: [RegistryModule],
  providers: [{ provide: LegacyAgentCalls, useClass: HttpLegacyCalls }],
  exports: [LegacyAgentCalls],
})
export class LegacyCallsModule {}

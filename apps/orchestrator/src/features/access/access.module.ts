/**
 * Access says who calls and whether they may: the key check ahead of every route, and the guard on each.
 * It stores nothing; agents' keys are looked up in what the registry has stored.
 * Called by the HTTP edge for every request.
 */
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { BadKeyLimiter } from '@scriptmesh/auth';
import { OrchestratorSettings } from '@scriptmesh/config';
import { Clock } from '@scriptmesh/runtime';
import { AuditModule } from '../audit/index.js';
import { AccessGuard } from './access.guard.js';
import { SqlAgentKeyLookup } from './adapters/sql-agent-key.lookup.js';
import { AgentKeyLookup } from './agent-key-lookup.js';
import { KeyCheckMiddleware } from './key-check.middleware.js';
import { PrincipalFinder } from './principal-finder.js';

@Module({
  imports: [AuditModule],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: AgentKeyLookup, useClass: SqlAgentKeyLookup },
    {
      provide: BadKeyLimiter,
      inject: [OrchestratorSettings, Clock],
      useFactory: (settings: OrchestratorSettings, clock: Clock) => new BadKeyLimiter(settings.badKeysPerMinute, clock),
    },
    PrincipalFinder,
    KeyCheckMiddleware,
  ],
  exports: [KeyCheckMiddleware],
})
export class AccessModule {}

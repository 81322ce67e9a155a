/**
 * Audit keeps the append-only record of every change and decision. It decides nothing.
 * Called by every feature that changes something, in the transaction of the change; read by operators.
 */
import { Module } from '@nestjs/common';
import { AuditApi } from './audit.api.js';
import { AuditController } from './audit.controller.js';
import { AuditLog } from './audit-log.js';
import { SqlAuditLog } from './sql-audit-log.js';

@Module({
  controllers: [AuditController],
  providers: [AuditApi, { provide: AuditLog, useClass: SqlAuditLog }],
  exports: [AuditLog],
})
export class AuditModule {}

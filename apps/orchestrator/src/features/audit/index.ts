export { AuditLog, type AuditEntry, type AuditRow } from './audit-log.js';
export { AuditModule } from './audit.module.js';

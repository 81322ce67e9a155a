export { AuditLog, type AuditEntry, type AuditRow, type AuditSubject } from './audit-log.js';
export { AuditModule } from './audit.module.js';

/** One set of migrations and queries for SQLite and PostgreSQL, and the group commit. */
export { Database, type Reader, type Writer } from './database.js';
export { backUpDatabase } from './back-up-database.js';
export { beginReplacement } from './begin-replacement.js';
export { examineDatabase } from './examine-database.js';
export { OWN_SCHEMA } from './store-facts.js';
export { openDatabase } from './open-database.js';
export { PreparedFamily, PreparedQuery } from './prepared-query.js';
export { isUniqueViolation } from './unique-violation.js';
export { isCancellingRun, isLiveRun } from './live-runs.js';
export type {
  AgentsTable,
  AuditTable,
  MetaTable,
  RetiredJournalsTable,
  RunOutputTable,
  RunsTable,
  Schema,
} from './schema.js';

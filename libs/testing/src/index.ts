/** Fakes and servers for tests. Nothing that runs in production imports this library. */
export { MovedClock } from './moved-clock.js';
export { CountedIds } from './counted-ids.js';
export { closeTestDatabase, openTestDatabase } from './open-test-database.js';
export { describeOnEveryDatabase } from './every-database.js';
export { startPostgres, type TestPostgres } from './postgres-server.js';
export { findNginx, runNginx, startNginx, type TestNginx } from './nginx-server.js';
export { startSecondProcess, type SecondProcess } from './start-second-process.js';
export { answerEvents, answerJson, answerNothing, answerProblem, answerText, FakeApi } from './fake-api.js';
export { aFileResource, anAgentResource, aRunResource } from './resource-builders.js';
export { BrokenProxy, type BrokenProxyMode, type BrokenProxyOptions } from './broken-proxy.js';
export { CERTIFICATE, PRIVATE_KEY } from './self-signed.js';
export { MemoryLogger } from './memory-logger.js';
export { lintMetrics, metricNames, metricValue } from './lint-metrics.js';

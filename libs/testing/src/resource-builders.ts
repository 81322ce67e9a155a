import type { AgentResource, FileResource, RunResource } from '@scriptmesh/contracts';

/** A run that succeeded, as the API shows it. */
export const aRunResource = (overrides: Partial<RunResource> = {}): RunResource => ({
  id: '019b7600-0000-7000-8000-000000000001',
  agent: 'db-1',
  script: 'hello_world',
  state: 'succeeded',
  executed: 'yes',
  exitCode: 0,
  signal: null,
  reason: null,
  truncated: false,
  params: {},
  principal: 'operator:main',
  origin: 'api',
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:00.100Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  stdoutBytes: 6,
  stderrBytes: 0,
  cancelRequested: false,
  retryOf: null,
  retries: 0,
  attempt: 1,
  notBefore: null,
  retriedBy: null,
  ...overrides,
});

export const anAgentResource = (overrides: Partial<AgentResource> = {}): AgentResource => ({
  id: '019b7600-0000-7000-8000-0000000000a1',
  name: 'db-1',
  url: 'http://127.0.0.1:5001',
  transport: 'http',
  labels: { role: 'db' },
  facts: { os: 'linux' },
  liveness: 'online',
  registeredAt: '2026-01-01T00:00:00.000Z',
  lastSeenAt: '2026-01-01T00:00:05.000Z',
  freeSlots: 4,
  ...overrides,
});

export const aFileResource = (overrides: Partial<FileResource> = {}): FileResource => ({
  name: 'today.csv',
  path: 'reports/today.csv',
  kind: 'file',
  bytes: 2048,
  modifiedAt: '2026-01-01T00:00:00.000Z',
  ...overrides,
});

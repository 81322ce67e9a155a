import type { LogFileResource, LogReport, LogResource } from '@scriptmesh/contracts';

const MAX_LOGS = 300;
const MAX_FILES = 1000;
const MAX_FAULTS = 500;
const MAX_TEXT = 2000;

/** What an agent tells of its logs, field by field, so that nothing else reaches the API; undefined when it is no report. */
export function parseLogReport(bytes: Uint8Array): LogReport | undefined {
  try {
    const { logs, faults } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
    if (!Array.isArray(logs) || !Array.isArray(faults)) return undefined;
    return { logs: logs.slice(0, MAX_LOGS).map(toLog), faults: faults.slice(0, MAX_FAULTS).map(text) };
  } catch {
    return undefined;
  }
}

function toLog(value: unknown): LogResource {
  const { name, description, maxBytes, files, problem } = value as Record<string, unknown>;
  return {
    name: text(name),
    description: textOrNull(description),
    maxBytes: count(maxBytes),
    files: (files as unknown[]).slice(0, MAX_FILES).map(toFile),
    problem: textOrNull(problem),
  };
}

function toFile(value: unknown): LogFileResource {
  const { name, bytes, modifiedAt } = value as Record<string, unknown>;
  const at = text(modifiedAt);
  if (Number.isNaN(Date.parse(at))) throw new TypeError('no time');
  return { name: text(name), bytes: count(bytes), modifiedAt: at };
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('no text');
  return value.slice(0, MAX_TEXT);
}
const textOrNull = (value: unknown): string | null => (value === null ? null : text(value));

function count(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new TypeError('no count');
  return value as number;
}

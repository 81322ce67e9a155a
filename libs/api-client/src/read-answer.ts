import type { Page, RunResource } from '@scriptmesh/contracts';
import { isRunId, RUN_STATES } from '@scriptmesh/contracts';
import { toUnreadableFault } from './answer-fault.js';

/**
 * The least that must be true of an answer before the rest is believed: enough to tell another program's JSON
 * from an orchestrator's, and no more, so that a newer orchestrator may add fields.
 */
export function readPage<T>(value: unknown, url: string): Page<T> {
  const page = readObject(value, url);
  if (!Array.isArray(page['items'])) throw toUnreadableFault(url, 'JSON');
  return { items: page['items'] as T[], next: typeof page['next'] === 'string' ? page['next'] : null };
}

export function readRun(value: unknown, url: string): RunResource {
  const run = readObject(value, url);
  if (!isRunId(run['id']) || !(RUN_STATES as readonly unknown[]).includes(run['state'])) {
    throw toUnreadableFault(url, 'JSON');
  }
  return run as unknown as RunResource;
}

export function readObject(value: unknown, url: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw toUnreadableFault(url, 'JSON');
  return value as Record<string, unknown>;
}

/** Anything that has at least a name. */
export function readNamed<T extends { readonly name: string }>(value: unknown, url: string): T {
  const named = readObject(value, url);
  if (typeof named['name'] !== 'string') throw toUnreadableFault(url, 'JSON');
  return named as unknown as T;
}

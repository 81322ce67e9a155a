import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogFields } from './logger.js';

const storage = new AsyncLocalStorage<Record<string, unknown>>();

/** Adds fields (request id, run id) to every line that `work` and what it awaits write. */
export const withLogContext = <T>(fields: LogFields, work: () => T): T =>
  storage.run({ ...storage.getStore(), ...fields }, work);

/** Adds what has become known only now (the id of the run that a request has asked for); does nothing outside any context. */
export function noteInLogContext(fields: LogFields): void {
  Object.assign(storage.getStore() ?? {}, fields);
}

/** The fields in force here; empty outside any context. */
export const currentLogContext = (): LogFields => storage.getStore() ?? {};

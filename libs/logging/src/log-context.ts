import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogFields } from './logger.js';

const storage = new AsyncLocalStorage<LogFields>();

/** Adds fields (request id, run id) to every line that `work` and what it awaits write. */
export const withLogContext = <T>(fields: LogFields, work: () => T): T =>
  storage.run({ ...storage.getStore(), ...fields }, work);

/** The fields in force here; empty outside any context. */
export const currentLogContext = (): LogFields => storage.getStore() ?? {};

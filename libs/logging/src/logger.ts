/** Fields of an event: facts, never script output, parameter values or keys. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Logs are events with fields: `log.info('run.dispatched', { runId, agentId, waitMs })`. */
export abstract class Logger {
  abstract debug(event: string, fields?: LogFields): void;
  abstract info(event: string, fields?: LogFields): void;
  /** Done, but something is wrong. */
  abstract warn(event: string, fields?: LogFields): void;
  /** Could not do it. An `error` field may hold the Error itself. */
  abstract error(event: string, fields?: LogFields): void;
}

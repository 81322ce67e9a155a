/** Logging through winston behind one small port; secrets are redacted by construction. */
export { Logger, type LogFields } from './logger.js';
export { currentLogContext, noteInLogContext, withLogContext } from './log-context.js';
export { NestLogAdapter } from './nest-log-adapter.js';
export { openProgramLog, type LogSettings } from './open-program-log.js';
export { WinstonLogger } from './winston-logger.js';
